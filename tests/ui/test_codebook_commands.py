"""The codebook on the command line: listed, explained, and never taken at its word."""

import json

import pytest

import firstmile
from firstmile.taxonomy import Axis, load_taxonomy

from .command_line import Command
from .sentences import is_one_sentence


def test_the_version_names_tool_and_codebook(command: Command) -> None:
    status, out = command("--version")
    assert status == 0
    book = load_taxonomy().version
    assert out == f"firstmile {firstmile.__version__}, codebook {book}\n"


def test_the_codebook_is_listed_whole(command: Command) -> None:
    status, out = command("taxonomy")
    assert status == 0
    listed = {word for line in out.splitlines() for word in line.split()[:1]}
    assert {term.code for term in load_taxonomy().terms} <= listed


def test_one_axis_can_be_listed(command: Command) -> None:
    _, out = command("taxonomy", "--axis", "stage")
    assert "fine-tuning" in out
    assert "crash/cuda" not in out


def test_the_codebook_as_json_is_the_codebook(command: Command) -> None:
    found = json.loads(command("taxonomy", "--format", "json")[1])
    assert found["version"] == load_taxonomy().version
    assert [term["code"] for term in found["terms"]] == [t.code for t in load_taxonomy().terms]


@pytest.mark.parametrize("wanted", ["crash/cuda/out-of-memory", "CRASH/CUDA/Out-Of-Memory"])
def test_a_term_is_explained(command: Command, wanted: str) -> None:
    status, out = command("explain", wanted)
    term = load_taxonomy().term("crash/cuda/out-of-memory")
    assert status == 0
    assert term.label in out
    assert term.example.url in out
    for rule in term.boundary:
        assert f"against {rule.against}" in out


def test_a_term_is_found_by_its_published_label(command: Command) -> None:
    _, out = command("explain", "crash - cuda error - out of memory")
    assert "crash/cuda/out-of-memory" in out


@pytest.mark.parametrize(
    "code", [term.code for term in load_taxonomy().terms], ids=lambda code: code
)
def test_every_term_can_be_explained(command: Command, code: str) -> None:
    status, out = command("explain", code)
    assert status == 0
    assert load_taxonomy().term(code).label in out


def test_a_cause_comes_with_the_initiatives_that_reduce_it(command: Command) -> None:
    _, out = command("explain", "environment")
    assert "Industry initiatives" in out
    assert "Leaves open:" in out
    as_json = json.loads(command("explain", "environment", "--format", "json")[1])
    assert as_json["code"] == "environment"
    assert as_json["axis"] == Axis.CAUSE
    assert as_json["initiatives"][0]["initiatives"][0]["url"].startswith("https://")


def test_an_unknown_code_names_the_nearest(command: Command) -> None:
    status, out = command("explain", "crash/cuda/out-of-memroy")
    assert status == 2
    assert out == ""
    assert is_one_sentence(command.err)
    assert "crash/cuda/out-of-memory" in command.err


@pytest.mark.parametrize(
    "hostile", ["\x1b[31mcrash\x1b[0m", "a\nb", "\u202eevil", "", " ", "x" * 10_000, "=cmd()"]
)
def test_a_hostile_code_is_shown_inert(command: Command, hostile: str) -> None:
    status, _ = command("explain", hostile)
    assert status == 2
    assert is_one_sentence(command.err)
    assert not set(command.err) & {"\x1b", "\u202e", "\r"}
    assert len(command.err) < 500
