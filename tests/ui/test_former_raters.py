"""Raters whom the study.toml no longer names: said once, and nothing breaks."""

import json
from pathlib import Path

import pytest

from firstmile.ui import cli

from .web import studies

TWO = '[study]\nname = "Ours"\n[[raters]]\nname = "ada"\n[[raters]]\nname = "eve"\n'
ONE = '[study]\nname = "Ours"\n[[raters]]\nname = "ada"\n'
NOBODY = '[study]\nname = "Ours"\n'


def study(path: Path, design: str) -> str:
    folder = studies.make(path, studies.REPORTS[:3], design=TWO)
    studies.include_all(folder)
    codes = {"symptom": "hang/generation", "cause": "api", "stage": "inference"}
    for number in (1, 2):
        for rater in ("ada", "eve"):
            studies.label(folder, studies.url_of(number), rater, **codes)
    (folder.path / "study.toml").write_text(design, encoding="utf-8")
    return str(folder.path)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        cli.main(["study", *arguments])
    both = capsys.readouterr()
    return int(ended.value.code or 0), both.out, both.err


def test_agree_and_publish_say_who_is_no_longer_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = study(tmp_path / "one", ONE)
    status, out, said = run(capsys, "agree", path, "--format", "json")
    assert (status, json.loads(out)["schema_version"]) == (0, "1")
    assert said.count("Labels of eve count in these figures but settle no issue any more") == 1
    status, _, said = run(capsys, "publish", path)
    assert status == 0
    assert said.count("Decisions of eve are published under a pseudonym but settle no label") == 1
    assert "eve" not in run(capsys, "publish", path, "--quiet")[2]


def test_nothing_is_said_where_everybody_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = study(tmp_path / "two", TWO)
    assert "eve" not in run(capsys, "agree", path)[2]
    assert "eve" not in run(capsys, "publish", path)[2]


@pytest.mark.parametrize("command", ["status", "agree", "pilot", "publish", "codebook", "screen"])
def test_a_study_that_names_nobody_any_more_ends_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    status, _, said = run(capsys, command, study(tmp_path / "none", NOBODY))
    assert status in (0, 2)
    assert "Traceback" not in said
