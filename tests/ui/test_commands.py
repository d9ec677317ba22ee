"""The command line as a person meets it: answers, one-sentence errors, never a traceback."""

import json
import re
from pathlib import Path

import pytest

from firstmile.study.origin import SourceFacts
from firstmile.study.report import make_report
from firstmile.study.settings import Settings
from firstmile.study.worked import rows
from firstmile.ui.study_commands import print_summary

from .command_line import Command
from .sentences import FEW_FAILURES, is_one_sentence


@pytest.mark.parametrize(
    "arguments",
    [
        ["explode"],
        ["taxonomy", "--axis", "colour"],
        ["taxonomy", "--format", "xml"],
        ["explain"],
        ["study", "report", "--seed", "many"],
        ["study", "repot"],
        ["study", "compare", "one"],
        ["\x1b[31m"],
        ["--\x1b[31m"],
        ["taxonomy", "--axis", "\x1b[31m"],
    ],
    ids=repr,
)
def test_bad_usage_ends_with_status_2_and_no_traceback(
    command: Command, arguments: list[str]
) -> None:
    status, _ = command(*arguments)
    assert status == 2
    assert "Traceback" not in command.err
    assert "\x1b" not in command.err
    assert command.err.strip()


@pytest.mark.parametrize(
    "arguments",
    [
        ["study", "report", "/nowhere/at/all"],
        ["study", "report", "--confusion", "stage=a.csv"],
        ["study", "report", "--confusion", "symptom=/nowhere/at/all.csv"],
        ["study", "compare", "embedded", "/nowhere/\x1b[31mat all"],
        ["study", "report", ""],
        ["study", "report", "--out", "."],
        ["study", "report", "--out", "long" * 75],
        ["study", "compare", "embedded", "embedded", "--format", "\x1b[31mxml"],
    ],
    ids=repr,
)
def test_what_a_user_can_put_right_is_one_sentence(
    command: Command, tmp_path: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    status, out = command(*arguments)
    assert status == 2
    assert out == ""
    assert is_one_sentence(command.err), command.err
    assert list(tmp_path.iterdir()) == []


def test_a_long_name_in_a_folder_yet_to_be_made_is_one_sentence(
    command: Command, tmp_path: Path
) -> None:
    failures = tmp_path / "set.csv"
    failures.write_text(FEW_FAILURES, encoding="utf-8")
    status, out = command("study", "report", failures, "--out", "/nowhere/" + "long" * 75)
    assert (status, out) == (2, "")
    assert is_one_sentence(command.err), command.err
    assert not Path("/nowhere").exists()


@pytest.mark.parametrize(
    ("arguments", "listed"),
    [
        ([], ["taxonomy", "explain", "study", "--version"]),
        (["taxonomy"], ["--axis", "--format"]),
        (["explain"], ["CODE", "--format"]),
        (["study"], ["report", "compare", "schema"]),
        (["study", "report"], ["SOURCE", "--out", "--seed", "--confusion", "--quiet"]),
        (["study", "compare"], ["FIRST", "SECOND", "--out", "--seed", "--format"]),
        (["study", "schema"], ["Schema"]),
    ],
    ids=str,
)
def test_help_lists_everything(command: Command, arguments: list[str], listed: list[str]) -> None:
    status, out = command(*arguments, "--help")
    assert status == 0
    for word in listed:
        assert word.casefold() in out.casefold()


@pytest.mark.parametrize("arguments", [[], ["study"]], ids=str)
def test_each_command_is_told_in_one_line_of_80_columns(
    command: Command, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    listed = command(*arguments, "--help")[1].partition("Commands:\n")[2].rstrip().split("\n")
    assert len(listed) >= 8
    for line in listed:
        assert re.fullmatch(r"  [a-z]+ +[A-Z].*\.", line), line
        assert not line.endswith("...") or "serve ..." in line


def test_help_is_as_wide_as_the_terminal_up_to_100_columns(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for columns, least, most in (("80", 70, 80), ("100", 81, 100), ("200", 81, 100)):
        monkeypatch.setenv("COLUMNS", columns)
        lines = command("diagnose", "--help")[1].splitlines()
        assert least <= max(map(len, lines)) <= most


def test_a_loop_of_links_is_one_sentence(command: Command, tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for arguments in (["--out", str(loop)], ["--out", str(loop / "in")], [str(loop)]):
        status, out = command("study", "report", *arguments)
        assert (status, out) == (2, "")
        assert is_one_sentence(command.err), command.err


def test_the_schema_is_json(command: Command) -> None:
    found = json.loads(command("study", "schema")[1])
    assert found["$schema"].startswith("https://json-schema.org/")


def test_a_hostile_name_is_inert_in_the_summary(capsys: pytest.CaptureFixture[str]) -> None:
    counts = rows(
        ("crash/process-killed", "hardware/cpu-memory", "inference", 3),
        ("hang/generation", "tokenizer/file", "fine-tuning", 3),
    )
    facts = SourceFacts(name="a\x1b[31m\u202e<b>\n=cmd()", format="rows", has_rows=True)
    few = Settings(permutations=99, bootstraps=99, noise_replicates=20)
    print_summary(make_report(counts, facts, (), few))
    out, _ = capsys.readouterr()
    assert not set(out) & {"\x1b", "\u202e"}
    assert "\\x1b[31m" in out
    assert "supported" in out
