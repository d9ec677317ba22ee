"""What a page quotes of a command holds no secret, and takes time in proportion to its length."""

import shlex
from time import process_time

import pytest

from firstmile.check.withheld import typed, without_secrets


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
