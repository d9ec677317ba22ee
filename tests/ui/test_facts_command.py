"""`firstmile facts` as a user has it."""

import sys
from pathlib import Path

import typer
from typer.testing import CliRunner

from firstmile.errors import UserError
from firstmile.facts.saving import environment_from
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
    environment = environment_from(told("--format", "json"), name="facts")
    assert environment.python is not None
    assert environment.python.version_of("numpy")


def test_facts_as_markdown_are_blocks_of_code() -> None:
    text = told("--format", "markdown")
    assert text.startswith("### System\n\n```text\nsystem: ")
    assert text.count("```") % 2 == 0


def test_facts_go_to_a_file(tmp_path: Path) -> None:
    file = tmp_path / "facts.json"
    assert told("--format", "json", "--out", str(file)) == f"Written to {file}.\n"
    assert environment_from(file.read_text(encoding="utf-8"), name="facts").system is not None


def test_another_python_is_read(tmp_path: Path) -> None:
    assert "  numpy " in told("--python", sys.executable)
    result = CliRunner().invoke(app, ["--python", str(tmp_path / "missing")])
    assert isinstance(result.exception, UserError)
    assert "missing is not there" in str(result.exception)
