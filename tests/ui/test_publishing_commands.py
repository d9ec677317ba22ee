"""What `firstmile study publish` says before it writes."""

import os
from pathlib import Path

import pytest

from firstmile.study.folder import StudyFolder
from firstmile.ui import cli

from .web import studies

STATED = """[study]
name = "Ours"
question = "What fails?"
authors = ["Ada Example"]

[[raters]]
name = "ada"

[publish]
contact = "https://example.org/contact"
url = "https://example.org/ours"
"""


CODES = {"symptom": "hang/generation", "cause": "api", "stage": "inference"}


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    """Run a command; return its status, its result and what it said beside."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        cli.main([str(one) for one in arguments])
    out, said = capsys.readouterr()
    return int(ended.value.code or 0), out, said


def publish(path: Path, design: str, capsys: pytest.CaptureFixture[str], *, issues: int = 1) -> str:
    """Publish a study with one labelled issue; return what was said beside the result."""
    folder = studies.make(path, studies.REPORTS[:issues], design=design)
    studies.include_all(folder)
    studies.label(folder, studies.url_of(1), "ada", **CODES)
    status, out, said = run(capsys, "study", "publish", folder.path)
    assert status == 0
    assert out.splitlines()[-1] == str(folder.published)
    return said


def test_what_a_study_leaves_empty_is_named_before_it_is_published(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = STATED.replace('question = "What fails?"\n', "").replace('["Ada Example"]', "[]")
    bare = bare.replace("https://example.org/contact", "").replace("https://example.org/ours", "")
    said = publish(tmp_path / "bare", bare, capsys)
    named = "study.question, study.authors, publish.contact and publish.url"
    assert f"The study.toml does not state {named}: what is published says so.\n" in said


def test_a_study_that_states_everything_is_published_without_such_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "Not stated" not in publish(tmp_path / "full", STATED, capsys)


def test_a_study_with_undecided_issues_is_published_with_that_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = publish(tmp_path / "open", STATED, capsys, issues=2)
    assert "The study is not finished: 1 issue waits to be labelled, so rows are missing" in said
    assert "not finished" not in publish(tmp_path / "done", STATED, capsys)


def test_a_version_that_is_published_needs_a_new_number_or_the_option(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(tmp_path / "study", STATED, capsys)
    path = tmp_path / "study"
    studies.label(
        StudyFolder.open(path), studies.url_of(1), "ada", **{**CODES, "cause": "environment"}
    )
    status, out, said = run(capsys, "study", "publish", path)
    assert (status, out) == (2, "")
    assert "holds version 1.0.0 already" in said
    assert "such as 1.1.0, or give --replace" in said
    status, out, _ = run(capsys, "study", "publish", path, "--replace")
    assert (status, out.splitlines()[-1]) == (0, str(path / "published"))
    assert '"cause":"environment"' in (path / "published" / "failures.jsonl").read_text()


def test_raters_named_in_notes_are_told_of_before_text_is_published(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = studies.make(tmp_path / "study", studies.REPORTS[:1], design=STATED)
    studies.include_all(folder)
    studies.label(folder, studies.url_of(1), "ada", **CODES, note="As Ada said; not of adamant.")
    said = " ".join(run(capsys, "study", "publish", folder.path, "--text")[2].split())
    assert "1 note or reason names ada: raters' names in prose are published as they stand" in said
    said = run(capsys, "study", "publish", folder.path, "--replace")[2]
    assert "names ada" not in said


@pytest.mark.long
def test_a_study_that_is_published_and_reported_has_nothing_left_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(tmp_path / "study", STATED, capsys)
    path = tmp_path / "study"
    assert run(capsys, "study", "screen", path, "--freeze", "--yes")[0] == 0
    assert run(capsys, "study", "publish", path, "--replace")[0] == 0
    assert run(capsys, "study", "report", path, "--quiet")[0] == 0
    said = " ".join(run(capsys, "study", "status", path)[1].split())
    assert (
        f"Nothing is left to do: 1 failure is labelled and published; the report is {path}" in said
    )
    assert "firstmile study report" not in said
    studies.label(StudyFolder.open(path), studies.url_of(1), "ada", **CODES | {"cause": "hardware"})
    assert run(capsys, "study", "publish", path, "--replace")[0] == 0
    said = " ".join(run(capsys, "study", "status", path)[1].split())
    assert "firstmile study report" in said


def test_a_copied_study_is_not_said_to_have_new_decisions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(tmp_path / "study", STATED, capsys)
    path = tmp_path / "study"
    assert run(capsys, "study", "screen", path)[0] == 0
    for one in path.glob("decisions.sqlite*"):
        os.utime(one, (2_000_000_000, 2_000_000_000))
    assert "labelled and published: firstmile study report" in " ".join(
        run(capsys, "study", "status", path)[1].split()
    )
    studies.label(StudyFolder.open(path), studies.url_of(1), "ada", **CODES | {"cause": "hardware"})
    said = " ".join(run(capsys, "study", "status", path)[1].split())
    assert "decisions were made since the set was published" in said


def test_a_name_that_nobody_gave_is_named_as_not_stated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unnamed = STATED.replace('"Ours"', '"Failures reported in owner/name"')
    path = tmp_path / "study"
    assert "does not state study.name:" in publish(path, unnamed, capsys)
    assert run(capsys, "study", "screen", path)[0] == 0
    said = " ".join(run(capsys, "study", "status", path)[1].split())
    assert "study.name still holds owner/name" in said
