"""Wording: a report as the words and signs that the classifier counts."""

import itertools
import re
from collections import Counter
from typing import Final

LONGEST_TEXT: Final = 200_000
"""Characters that are counted; of a longer text its beginning and its end."""
_TOKEN: Final = re.compile(r"[a-z_][a-z_0-9]*(?:\.[a-z_0-9]+)*|[\u3400-\u9fff]|!{3,}|\?{4,}")
_NUMBERED: Final = re.compile(r"\d+")


def count_words(text: str) -> Counter[str]:
    """Count words, identifiers, Chinese characters, and pairs of neighbors of a text.

    Upper and lower case are one; numbers inside identifiers are one sign, since layers, ranks
    and versions differ between reports of the same failure.
    """
    if len(text) > LONGEST_TEXT:
        half = LONGEST_TEXT // 2
        text = f"{text[:half]}\n{text[-half:]}"
    return count_tokens(tokens_of(text))


def tokens_of(text: str) -> list[str]:
    """Return the words and signs of a text in their order; none goes over the end of a line."""
    return [_folded(token) for token in _TOKEN.findall(text.lower())]


def count_tokens(tokens: list[str]) -> Counter[str]:
    """Count tokens, and pairs of neighbors."""
    counts = Counter(tokens)
    counts.update(f"{first} {second}" for first, second in itertools.pairwise(tokens))
    return counts


def _folded(token: str) -> str:
    if token[0] in "!?":
        return token[:3]
    return _NUMBERED.sub("0", token) if len(token) > 8 else token
