"""Wording: a report as the words and signs that the classifier counts."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

LONGEST_TEXT: Final = 200_000
"""Characters that are counted; of a longer text its beginning and its end."""
WORD: Final = r"[a-z_][a-z_0-9]*(?:\.[a-z_0-9]+)*|[\u3400-\u9fff]|!{3,}|\?{4,}"
"""A word or sign of a text in lower case, as a pattern."""
_TOKEN: Final = re.compile(WORD)
_NUMBERED: Final = re.compile(r"\d+")
_SHORT: Final = 8
"""Characters of an identifier whose numbers are kept: `cu118`, `llama2`."""


def count_words(text: str) -> Counter[str]:
    """Count words, identifiers, Chinese characters, and pairs of neighbors of a text.

    Upper and lower case are one; numbers inside identifiers are one sign, since layers, ranks
    and versions differ between reports of the same failure.
    """
    if len(text) > LONGEST_TEXT:
        half = LONGEST_TEXT // 2
        text = f"{text[:half]}\n{text[-half:]}"
    tokens = tokens_of(text)
    counts = Counter(tokens)
    counts.update(pairs_of(tokens))
    return counts


def tokens_of(text: str) -> list[str]:
    """Return the words and signs of a text in their order; none goes over the end of a line."""
    return [
        token if len(token) <= _SHORT and token[0] not in "!?" else _folded(token)
        for token in _TOKEN.findall(text.lower())
    ]


def folded_token(token: str) -> str:
    """Return what a match of `WORD` is counted as."""
    return token if len(token) <= _SHORT and token[0] not in "!?" else _folded(token)


def pairs_of(tokens: Sequence[str]) -> list[str]:
    """Return the pairs of neighbors."""
    return [f"{first} {second}" for first, second in pairwise(tokens)]


def _folded(token: str) -> str:
    return token[:3] if token[0] in "!?" else _NUMBERED.sub("0", token)
