"""A published folder that was changed, cut or made up is told."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from firstmile.errors import UserError
from firstmile.study.publishing import problems, publish, verify_published
from publishing.samples import dataset, row


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return publish(dataset(), tmp_path / "published")


def resigned(folder: Path, name: str, data: bytes) -> None:
    """Write a file and a manifest that fits it, as somebody would who changed it on purpose."""
    (folder / name).write_bytes(data)
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    kept = [line for line in lines if not line.endswith(f"  {name}")]
    kept.append(f"{hashlib.sha256(data).hexdigest()}  {name}")
    (folder / "SHA256SUMS").write_text("\n".join([*kept, ""]))


def changed(folder: Path, name: str, change: Callable[[Any], None]) -> None:
    said = json.loads((folder / name).read_bytes())
    change(said)
    resigned(folder, name, json.dumps(said).encode())


def rows_changed(folder: Path, name: str, change: Callable[[list[Any]], None]) -> None:
    rows = [json.loads(line) for line in (folder / name).read_bytes().splitlines()]
    change(rows)
    resigned(folder, name, "".join(json.dumps(row) + "\n" for row in rows).encode())


def found(folder: Path) -> str:
    return "; ".join(problems(folder))


def test_a_folder_as_published_has_no_problem(folder: Path) -> None:
    assert problems(folder) == []


@pytest.mark.parametrize("text", [True, False])
def test_sets_with_and_without_text_and_decisions_are_sound(text: bool, tmp_path: Path) -> None:
    for name, one in (("all", dataset(text=text)), ("bare", dataset(text=text, decisions=()))):
        assert problems(publish(one, tmp_path / name)) == []


@pytest.mark.parametrize(
    "name", ["README.md", "failures.parquet", "open-llm-failures/owner/name/name.json"]
)
def test_a_changed_file_is_told(folder: Path, name: str) -> None:
    with (folder / name).open("ab") as file:
        file.write(b" ")
    assert f'"{name}" was changed' in found(folder)


def test_a_missing_and_an_added_file_are_told(folder: Path) -> None:
    (folder / "PRIVACY.md").unlink()
    (folder / "extra.txt").write_text("x")
    assert '"PRIVACY.md" is missing' in found(folder)
    assert '"extra.txt" is not of the data set' in found(folder)


def test_a_file_that_became_a_link_is_told(folder: Path, tmp_path: Path) -> None:
    (folder / "LICENSE").rename(tmp_path / "elsewhere")
    (folder / "LICENSE").symlink_to(tmp_path / "elsewhere")
    assert '"LICENSE" is missing' in found(folder)


@pytest.mark.parametrize(
    "line", ["zz  README.md", f"{'0' * 64}  ../outside", f"{'0' * 64}  /etc/passwd", "<html>"]
)
def test_a_manifest_that_is_broken_or_leads_out_is_told(folder: Path, line: str) -> None:
    with (folder / "SHA256SUMS").open("a") as file:
        file.write(f"{line}\n")
    assert "SHA256SUMS is missing or broken" in found(folder)


def set_to(place: int, name: str, value: Any) -> Callable[[list[Any]], None]:
    return lambda rows: rows[place].__setitem__(name, value)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            set_to(0, "cause", "hardware/nothing"),
            "record 1 of failures.jsonl holds no text in cause",
        ),
        (set_to(0, "cause_label", "Nothing"), "carries another cause as label"),
        (set_to(1, "number", "2"), "record 2 of failures.jsonl holds no integer in number"),
        (set_to(1, "created", "2025-13-01"), "month must be in 1..12"),
        (set_to(1, "issue", "javascript:alert(1)"), "holds no address in issue"),
        (set_to(2, "stage", None), "holds no text in stage"),
        (lambda rows: rows[0].pop("status"), "has other columns than"),
        (lambda rows: rows.pop(), "holds 4 records, publication.json says 5"),
        (lambda rows: rows.__setitem__(1, rows[2]), "holds 1 issues twice"),
    ],
)
def test_rows_that_do_not_fit_are_told(
    folder: Path, change: Callable[[list[Any]], Any], told: str
) -> None:
    rows_changed(folder, "failures.jsonl", change)
    assert told in found(folder)
    assert "failures.jsonl" in found(folder)


def test_rows_that_differ_from_parquet_and_from_the_layout_are_told(folder: Path) -> None:
    def swap(rows: list[Any]) -> None:
        rows[0]["stage"], rows[0]["stage_label"] = "fine-tuning", "Fine-tuning"

    rows_changed(folder, "failures.jsonl", swap)
    assert "failures.parquet holds other rows than failures.jsonl" in found(folder)
    assert "open-llm-failures labels" in found(folder)


def test_a_layout_that_lacks_a_row_is_told(folder: Path) -> None:
    changed(folder, "open-llm-failures/owner/name/name.json", lambda rows: rows.pop())
    assert "open-llm-failures lacks 1 issues of failures.jsonl" in found(folder)


def test_a_decision_of_somebody_unnamed_is_told(folder: Path) -> None:
    rows_changed(folder, "decisions.jsonl", set_to(0, "rater", "annegret"))
    assert "is of a rater who is not named" in found(folder)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda said: said.pop("rai:dataBiases"), "lacks rai:dataBiases"),
        (lambda said: said.pop("rai:hasSyntheticData"), "lacks rai:hasSyntheticData"),
        (lambda said: said.update(conformsTo=[]), "does not conform to Croissant 1.1"),
        (lambda said: said["distribution"][0].update(sha256="0"), "describes another"),
        (lambda said: said["distribution"][0].update({"@id": "x.json"}), "which is not there"),
        (
            lambda said: said["recordSet"][0]["field"][0]["source"]["extract"].update(column="x"),
            'takes "failures/issue" from a column that is not there',
        ),
    ],
)
def test_metadata_that_do_not_tell_the_truth_are_told(
    folder: Path, change: Callable[[Any], Any], told: str
) -> None:
    changed(folder, "croissant.json", change)
    assert told in found(folder)


@pytest.mark.parametrize("name", ["croissant.json", "codebook.json", "failures.jsonl"])
@pytest.mark.parametrize("data", [b"", b"\x00\xff", b"[]", b"[" * 9999, b"null\n"])
def test_a_file_that_cannot_be_read_is_a_problem_and_no_traceback(
    folder: Path, name: str, data: bytes
) -> None:
    resigned(folder, name, data)
    assert found(folder)


def test_the_first_problem_is_a_sentence_that_counts_the_rest(folder: Path) -> None:
    (folder / "README.md").unlink()
    (folder / "LICENSE").unlink()
    with pytest.raises(UserError, match=r'"LICENSE" is missing \(and 1 more\)\.$'):
        verify_published(folder)


def test_what_is_no_published_data_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is no published data set"):
        verify_published(tmp_path)


def test_text_of_an_issue_that_was_deleted_is_told(tmp_path: Path) -> None:
    folder = publish(dataset(text=True, rows=(row(1, title="Kept"), row(2))), tmp_path / "out")
    first = "https://github.com/owner/name/issues/1"
    changed(folder, "deleted.json", lambda said: said.update(issues=[first]))
    assert "record 1 of failures.jsonl holds text of an issue that was deleted" in found(folder)
