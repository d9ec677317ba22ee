"""A published set that was changed since is read, and said to have been."""

import json
from pathlib import Path

import pytest

from firstmile.findings import Finding, Outcome
from firstmile.study.labelled_sets import CHANGED, open_labelled_set
from firstmile.study.publishing import publish
from firstmile.ui import cli
from publishing.samples import dataset


@pytest.fixture
def published(tmp_path: Path) -> Path:
    return publish(dataset(), tmp_path / "published")


def judged(source: Path) -> Finding:
    (found,) = [one for one in open_labelled_set(str(source)).findings if one.source == CHANGED]
    return found


def alter(published: Path) -> None:
    """Let every failure be of another stage."""
    file = published / "failures.jsonl"
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    file.write_text("".join(json.dumps({**one, "stage": "fine-tuning"}) + "\n" for one in lines))


@pytest.mark.parametrize("inside", ["", "study.toml", "failures.jsonl", "open-llm-failures"])
def test_a_set_as_it_was_published_passes_and_a_changed_one_fails(
    published: Path, inside: str
) -> None:
    assert judged(published / inside).outcome is Outcome.PASS
    assert open_labelled_set(str(published / inside)).alarms == ()
    (published / "LICENSE").write_text("Take it.\n")
    (published / "added.txt").write_text("Mine.\n")
    found = judged(published / inside)
    assert found.outcome is Outcome.FAIL
    assert found.message == (
        'the published set is not as it was published: "LICENSE" was changed (and 1 more)'
    )
    assert [one.text for one in found.evidence] == [
        '"LICENSE" was changed',
        '"added.txt" is not of the data set',
    ]


def test_a_folder_that_nobody_published_is_not_judged(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("symptom,cause,stage\nhang,api,inference\n")
    assert not [
        f for f in open_labelled_set(str(tmp_path / "a.csv")).findings if f.source == CHANGED
    ]


def test_a_comparison_says_it_beside_its_result(
    published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = publish(dataset(), tmp_path / "other")
    alter(published)
    said = f'firstmile: {published}: the published set is not as it was published: "failures.jsonl"'
    with pytest.raises(SystemExit) as ended:
        cli.main(["study", "compare", str(other), str(published), "--format", "json"])
    out, beside = capsys.readouterr()
    assert not ended.value.code
    assert json.loads(out)
    assert [line[: len(said)] for line in beside.splitlines()] == [said]
