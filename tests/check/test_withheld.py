"""What a page quotes of a command holds no secret, and takes time in proportion to its length."""

import shlex
from pathlib import Path
from time import process_time

import pytest

from firstmile.check.withheld import typed, without_secrets
from firstmile.ui.cli import main


@pytest.mark.parametrize(
    "command", ["serve m --api-key abc", "serve m --hf-token=plain", "serve m --auth-token 'x y'"]
)
def test_the_value_of_a_flag_that_takes_a_secret_is_not_quoted(command: str) -> None:
    told = without_secrets(command)
    assert told.endswith("<key>")
    assert not any(secret in told for secret in ("abc", "plain", "x y"))


@pytest.mark.parametrize("piece", ["-", "--api-", "--a-key "])
def test_time_grows_with_the_length(piece: str) -> None:
    def seconds(length: int) -> float:
        text = piece * (length // len(piece))
        started = process_time()
        without_secrets(text)
        return process_time() - started

    seconds(1_000)
    assert seconds(400_000) < 2 + 30 * seconds(40_000)


@pytest.mark.parametrize(
    "word", ["password=x' ; touch y '", "--header=Authorization: Bearer abcdefgh' ;`y` '", "$(x)"]
)
def test_what_a_word_of_a_command_holds_stays_one_word(word: str) -> None:
    told = typed(["vllm", "serve", word, "--port", "8000"])
    first, second, kept, *rest = shlex.split(told)
    assert (first, second, rest) == ("vllm", "serve", ["--port", "8000"])
    assert kept[:1] == word[:1]


TYPED = ["vllm", "serve", "/scratch/ada/m", "--download-dir", "/home/ada/hf"]


def test_a_command_for_the_person_alone_can_be_run_as_it_stands() -> None:
    assert typed(TYPED, is_private=True) == " ".join(TYPED)
    assert without_secrets(" ".join(TYPED), is_private=True) == " ".join(TYPED)


def test_a_command_for_others_names_nobody() -> None:
    assert "ada" not in typed(TYPED)
    assert "ada" not in without_secrets(" ".join(TYPED))


@pytest.mark.parametrize("secret", [["--api-key", "abc"], [f"hf_{'aB3' * 12}"]])
def test_a_secret_is_kept_from_the_person_too_and_takes_no_path_along(secret: list[str]) -> None:
    told = typed([*TYPED, *secret], is_private=True)
    assert secret[-1] not in told
    assert told.startswith(" ".join(TYPED))


@pytest.mark.parametrize(
    ("options", "names"),
    [([], True), (["--format", "json"], False), (["--format", "html"], False)],
)
def test_only_the_terminal_is_told_the_names_of_persons(
    options: list[str],
    names: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    only = ["--only", "command-names-no-model"]
    with pytest.raises(SystemExit):
        main(["check", *only, *options, "--", "vllm", "serve", "/scratch/ada/m"])
    assert ("/scratch/ada/m" in capsys.readouterr().out) is names


@pytest.mark.parametrize(
    "told",
    [
        "--apikey (did you mean --api-key?) hunter2",
        "argument --api-key: invalid int value: 'hunter2'.",
        "argument --password: invalid choice: 'hunter2' (choose from 'a', 'b')",
        "argument -k/--api-key: ignored explicit argument 'hunter2'",
        "argument --hf-token: invalid int value: \"hunter2'",
    ],
)
def test_what_is_said_of_a_flag_does_not_tell_its_secret(told: str) -> None:
    assert "hunter2" not in without_secrets(told)
    assert "hunter2" not in without_secrets(told, is_private=True)


def test_a_flag_that_is_only_asked_about_is_told_whole() -> None:
    told = "--apikey (did you mean --api-key?)"
    assert without_secrets(told) == told


@pytest.mark.parametrize("ending", ["txt", "json", "html", "md", "sarif", "xml"])
def test_a_report_in_a_file_names_nobody_and_no_secret(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    script = "import argparse\nparser = argparse.ArgumentParser()\nargs = parser.parse_args()\n"
    Path("train.py").write_text(script)
    words = ["/scratch/ada/m", "--api-key=hunter2", "--apikey", "hunter2"]
    with pytest.raises(SystemExit):
        main(["check", "--all", "--out", f"r.{ending}", "--", "python", "train.py", *words])
    told = Path(f"r.{ending}").read_text()
    assert "/scratch/" in told
    assert "ada/" not in told
    assert "hunter2" not in told
