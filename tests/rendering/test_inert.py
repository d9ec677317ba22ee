"""Text from outside does nothing in a terminal."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.rendering.inert import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("é 中文 ✓ − χ²", "é 中文 ✓ − χ²"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\nb\tc\rd", "a\\nb\\tc\\rd"),
        ("\x07\x9b", "\\x07\\x9b"),
        ("user\u202etxt.exe", "user\\u202etxt.exe"),
        ("\u2028\u200b\ufeff", "\\u2028\\u200b\\ufeff"),
        ("\U000e0041", "\\U000e0041"),
        ("\udc80", "\\udc80"),
        ("👩\u200d💻 می\u200cخواهم", "👩\u200d💻 می\u200cخواهم"),
    ],
)
def test_hidden_characters_are_spelled_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_nothing_hidden_remains(text: str) -> None:
    kinds = {unicodedata.category(c) for c in visible(text) if c not in "\u200c\u200d"}
    assert not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text())
def test_twice_is_the_same_as_once(text: str) -> None:
    assert visible(visible(text)) == visible(text)


@given(st.text())
def test_result_can_be_encoded(text: str) -> None:
    assert visible(text).encode("utf-8").decode("utf-8") == visible(text)
