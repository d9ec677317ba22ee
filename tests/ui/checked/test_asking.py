"""What can be asked of `firstmile check` and `explain`, and what a slip of the fingers is told."""

import json
from pathlib import Path

import pytest

from firstmile.check.command import Command as Typed
from firstmile.check.command import find_readers
from firstmile.check.examining import check
from firstmile.check.unit import check_ids, find_checks
from firstmile.check.unread_command import KNOWN
from firstmile.errors import UserError
from ui.command_line import Command

from .asking import TOO_LONG, serve, told


def test_only_runs_what_is_named(command: Command, model: Path) -> None:
    _, data = told(command, "--only", TOO_LONG, *serve(model))
    assert {one["check"] for one in data["findings"]} == {TOO_LONG}
    _, data = told(command, "--only", "tokenizer", *serve(model))
    assert {one["cause"].split("/")[0] for one in data["findings"]} == {"tokenizer"}
    _, finer = told(command, "--only", "tokenizer/file", *serve(model))
    assert 0 < len(finer["findings"]) < len(data["findings"])


def test_only_of_an_unknown_name_is_a_sentence(command: Command) -> None:
    said = command.refused("check", "--only", "context-is-longer-than-the-position")
    assert f"did you mean {TOO_LONG}?" in said


def test_the_checks_are_listed_by_cause(command: Command) -> None:
    status, out = command("check", "--list")
    assert status == 0
    assert all(f"  {one}\n" in out for one in check_ids())
    assert f"{len(check_ids())} checks" in out
    _, few = command("check", "--list", "--only", "tokenizer", "--only", TOO_LONG)
    assert TOO_LONG in few
    assert "padding-token-is-missing" in few
    assert "engine-is-not-installed" not in few
    assert "did you mean tokenizer?" in command.refused("check", "--list", "--only", "tokenizr")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("vllm", "serve", "./m", "-tp", "2"), "firstmile check -- vllm serve ./m ..."),
        (("./m", "vllm", "serve", "./m"), "firstmile check ./m -- vllm serve ./m"),
        (("--", "."), ". is a folder, no command: name a model before the --."),
        (("--out", "x.pdf"), "The ending of x.pdf is of no format: say --format, or take one of"),
    ],
)
def test_what_is_typed_in_another_order_is_put_right_in_a_sentence(
    command: Command, words: tuple[str, ...], says: str
) -> None:
    assert says in command.refused("check", *words)


def test_one_file_of_a_model_is_no_model(command: Command, model: Path) -> None:
    assert "is one file of a model: name the folder" in command.refused(
        "check", model / "config.json"
    )


def test_why_a_check_could_not_judge_is_said_where_it_alone_was_asked_for(
    command: Command, model: Path
) -> None:
    status, out = command("check", "--only", TOO_LONG, model)
    assert status == 2
    assert "SKIP  does not apply" in out
    assert "Nothing could be judged" in out


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("padding-token", "did you mean padding-token-is-missing or padding-token-is-the-end"),
        ("enviroment/cuda-version", "did you mean environment/cuda-version?"),
        ("xyzzy", "firstmile check --list the checks."),
    ],
)
def test_what_nothing_explains_names_what_may_have_been_meant(
    command: Command, asked: str, says: str
) -> None:
    assert says in command.refused("explain", asked)


def test_a_command_that_nobody_knows_is_a_sentence(command: Command) -> None:
    said = command.refused("check", "--", "frobnicate", "x")
    assert "does not know the command frobnicate: it reads servers (vllm, " in said
    assert "(did you mean llama-server?)" in command.refused(
        "check", "--", "lama-server", "-m", "x"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("python", "-c", "x"), "the code behind python -c is not read"),
        (("python3",), "python3 without a script is not read"),
        (("A=1", "python", "-m", "nosuchmod", "x"), "the module nosuchmod is not known"),
    ],
)
def test_a_python_without_a_script_is_told_what_is_not_read(
    command: Command, words: tuple[str, ...], said: str
) -> None:
    told = command.refused("check", "--", *words)
    assert said in told
    assert "did you mean" not in told


def test_the_packages_of_a_snapshot_are_not_those_of_a_python_here(command: Command) -> None:
    said = command.refused("check", "--snapshot", "s.json", "--python", "/usr/bin/python3")
    assert "firstmile facts --python" in said


def test_a_model_beside_a_command_with_another_is_said_to_be_the_one_judged(
    command: Command, model: Path, tmp_path: Path
) -> None:
    only = ("check", "--only", TOO_LONG)
    (tmp_path / "other").mkdir()
    for named in (str(tmp_path / "other"), "octo/absent"):
        _, out = command(*only, model, *serve(named))
        out = " ".join(out.split())
        assert f"was judged, and not {named}, which the command names." in out
        assert f"in the place of {named})" in out
    _, out = command(*only, model, *serve(model))
    assert "was judged, and not" not in out


def test_an_option_that_a_finding_tells_is_not_said_to_be_not_judged(
    command: Command, model: Path
) -> None:
    status, out = command("check", *serve(model, "--max-modl-len", "9", "--port", "no"))
    out = " ".join(out.split())
    assert status == 1
    assert "has no option --max-modl-len, and stops at it" in out
    assert "option-is-not-known-to-the-program" in out.partition("Will fail: ")[2]
    assert "--port takes a whole number, not no" in out or "--port no" in out
    assert "and not judged" not in out
    _, out = command("check", "--only", TOO_LONG, *serve(model, "--max-modl-len", "9"))
    assert "and not judged: --max-modl-len" in " ".join(out.split())


def test_every_program_that_is_said_to_be_read_has_a_reader() -> None:
    named = " ".join(KNOWN.values()).split()
    for program in named:
        asks = {"python": "x.py", "jupyter": "x.ipynb", "papermill": "x.ipynb"}
        words = (program, asks.get(program, "serve"))
        assert any(one.reads(Typed(words=words)) for one in find_readers()), program


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("vllm", "servee", "x"), "vllm servee (it has no such command; did you mean serve?)"),
        (("lmdeploy", "convert", "x"), "lmdeploy convert (it is not read)"),
        (("trl", "sfd"), "trl sfd (it is not read; did you mean sft?)"),
    ],
)
def test_a_command_of_which_nothing_is_understood_is_not_told_to_be_fine(
    command: Command, words: tuple[str, ...], said: str
) -> None:
    status, out = command("check", "--", *words)
    out = " ".join(out.split())
    assert status == 2
    assert f"Not understood of the command, and not judged: {said}." in out
    assert "could not be judged, since the command was not understood: " in out
    assert "0 will fail" not in out


def test_an_outcome_that_is_none_is_a_sentence() -> None:
    with pytest.raises(UserError, match="'never', which is no outcome: say fail or warn"):
        check(fail_on="never")


def test_a_check_is_explained_by_its_id(command: Command) -> None:
    status, out = command("explain", TOO_LONG)
    assert status == 0
    assert "Why" in out
    assert "Fix" in out
    _, both = command("explain", "server-port-is-already-in-use", "--format", "json")
    assert json.loads(both)["check"]["good_state"]
    assert TOO_LONG in command.refused("explain", f"{TOO_LONG}s")


def test_every_check_is_explained() -> None:
    from firstmile.ui.explain_command import check_data

    for one in find_checks():
        data = check_data(one)
        assert all(data[key] for key in ("id", "good_state", "why", "fix", "cause"))
