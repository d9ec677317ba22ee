"""In bulk words are found by another pattern, and they are the same words."""

import re

from hypothesis import given
from hypothesis import strategies as st

from firstmile.diagnose.known_words import TOKEN_OR_END, UNKNOWN, KnownWords
from firstmile.diagnose.wording import WORD

_WRITTEN = re.compile(rf"{WORD}|\n")


@given(st.text(st.sampled_from("ab_.09!?\n 慢é-"), max_size=40))
def test_the_quicker_pattern_finds_the_same_words_and_line_ends(text: str) -> None:
    assert TOKEN_OR_END.findall(text) == _WRITTEN.findall(text)


def test_a_word_is_known_by_what_it_is_counted_as() -> None:
    known = KnownWords({"layer_number_0": 7})
    assert known["layer_number_12"] == known["layer_number_3"] == 7
    assert known["elsewhere"] == UNKNOWN


def test_words_that_are_too_long_are_not_remembered() -> None:
    known = KnownWords({})
    assert known["a" * 65] == UNKNOWN
    assert "a" * 65 not in known
