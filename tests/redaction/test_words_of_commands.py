"""The words of a command: what an option hides is taken out, and all else stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.redaction import redact_words


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("run --password hunter", "run --password <key>"),
        ("run --password required", "run --password required"),
        ("run --hf-token when --model x", "run --hf-token <key> --model x"),
        ("run -token plain", "run -token <key>"),
        ("run --token 512", "run --token 512"),
        ("run --pad-token word", "run --pad-token word"),
        ("run --password --verbose", "run --password --verbose"),
        ("run --api-key $KEY", "run --api-key $KEY"),
        ("run --api-key /run/secrets/key", "run --api-key /run/secrets/key"),
        ("run --gadget-token a1b2c3d4", "run --gadget-token <key>"),
        ("run HF_TOKEN=abc", "run HF_TOKEN=<key>"),
        ("run --model Qwen/Qwen2.5-7B", "run --model Qwen/Qwen2.5-7B"),
    ],
)
def test_a_word_behind_an_option_that_names_a_secret_is_taken_out(command: str, told: str) -> None:
    assert " ".join(redact_words(command.split())) == told


def test_a_secret_of_several_words_goes_whole() -> None:
    assert redact_words(["--password", "two plain words"]) == ["--password", "<key>"]
    assert redact_words(["--password=two plain words"]) == ["--password=<key>"]
    assert redact_words(["-e", "HF_TOKEN=two words"]) == ["-e", "HF_TOKEN=<key>"]
    assert redact_words(["-c", "print(1, 2)"]) == ["-c", "print(1, 2)"]


@given(st.lists(st.one_of(st.text(), st.sampled_from(["--password", "--hf-token", "-p"]))))
def test_redacting_a_command_twice_changes_nothing(command: list[str]) -> None:
    once = redact_words(command)
    assert len(once) == len(command)
    assert redact_words(once) == once
