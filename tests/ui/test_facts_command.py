"""`firstmile facts` as a user has it."""

import sys
from pathlib import Path

import typer
from typer.testing import CliRunner

from firstmile.errors import UserError
from firstmile.facts.saving import snapshot_from
from firstmile.ui import facts_command

app = typer.Typer()
app.command()(facts_command.facts)


def told(*arguments: str) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


def test_facts_are_told_as_text() -> None:
    lines = told().splitlines()
    assert lines[0] == "System"
    assert [line for line in lines if line.startswith("  Python ")]
    assert [line for line in lines if line.startswith("  memory ")]


def test_facts_as_json_are_read_back() -> None:
    environment = snapshot_from(told("--format", "json").encode(), name="facts").environment
    assert environment is not None
    assert environment.python is not None
    assert environment.python.version_of("numpy")


def test_facts_as_markdown_are_blocks_of_code() -> None:
    text = told("--format", "markdown")
    assert text.startswith("### System\n\n```text\nsystem: ")
    assert text.count("```") % 2 == 0


def test_the_ending_of_the_file_says_the_format(tmp_path: Path) -> None:
    for name, start in (("s.md", "### System"), ("s.JSON", "{"), ("s.txt", "System")):
        told("--out", str(tmp_path / name))
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)


def test_facts_go_to_a_file(tmp_path: Path) -> None:
    file = tmp_path / "facts.json"
    assert told("--out", str(file)) == f"Written to {file}.\n"
    environment = snapshot_from(file.read_bytes(), name="facts").environment
    assert environment is not None
    assert environment.system is not None


def test_a_model_is_told_with_the_machine_and_judged_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "llama"}')
    assert "config.json" in told(str(folder))
    file = tmp_path / "facts.json"
    told(str(folder), "--out", str(file))
    model = snapshot_from(file.read_bytes(), name="facts").model
    assert model is not None
    assert model.config == {"model_type": "llama"}


def test_a_model_that_is_not_there_is_said(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, [str(tmp_path / "missing")])
    assert "missing is not there" in str(result.exception)


def test_another_python_is_read(tmp_path: Path) -> None:
    assert "  numpy " in told("--python", sys.executable)
    result = CliRunner().invoke(app, ["--python", str(tmp_path / "missing")])
    assert isinstance(result.exception, UserError)
    assert "missing is not there" in str(result.exception)
