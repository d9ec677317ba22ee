"""What `firstmile study publish` says before it writes."""

from pathlib import Path

import pytest

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


def publish(path: Path, design: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Publish a study of one labelled issue; return what was said beside the result."""
    folder = studies.make(path, studies.REPORTS[:1], design=design)
    studies.include_all(folder)
    codes = {"symptom": "hang/generation", "cause": "api", "stage": "inference"}
    studies.label(folder, studies.url_of(1), "ada", **codes)
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        cli.main(["study", "publish", str(folder.path)])
    out, said = capsys.readouterr()
    assert not ended.value.code
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
