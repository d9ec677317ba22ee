"""Asked for: the entries that a few words mean, such as "nan loss" or "no module named x".

What is compared are the words that entries say they are asked for by, and their titles. Words
count by how few entries have them: the inverse document frequency of Spärck Jones (1972), Journal
of Documentation 28(1), "A statistical interpretation of term specificity". Two texts are as alike
as the weight of the words that both have is of those that either has (Jaccard's index).
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from firstmile.knowledge.entries import Entry

ALIKE: Final = 0.45
"""From here on an entry is what was asked for; it says so by one word of two, not of many."""
LONGEST: Final = 300
"""Characters that are looked at; who gives more has a message, which signatures know."""
_WORD: Final = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]")
_ENDINGS: Final = ("ing", "ed", "s")
_SHORTEST_STEM: Final = 4
_OF_A_TITLE: Final = 0.8
"""A title counts for less than words that an entry says it is asked for by."""
_PASSING_WORDS: Final = (
    "a an and are at be by do does during error fix for from get getting had has have help how i "
    "in is issue it its me my of on or problem the this to was what when while why with you "
    "的 了 是 吗 报 错 问 题 怎 么 为 什"
)
_PASSING: Final = frozenset(_PASSING_WORDS.split())
"""Words that tell nothing; a question that has no others is compared by these."""


class Asked(NamedTuple):
    """An entry, and how alike what was asked is to it, 0 to 1."""

    entry: Entry
    alike: float


def entries_asked_for(text: str, entries: Sequence[Entry]) -> list[Asked]:
    """Return the entries that a few words mean, the likest first; none where nothing is alike."""
    words = _words(text[:LONGEST])
    if not words:
        return []
    known = {entry.id: _known_by(entry) for entry in entries}
    having = Counter(
        word for texts in known.values() for word in frozenset().union(*(each for each, _ in texts))
    )
    weight = {word: math.log(1 + len(entries) / times) for word, times in having.items()}
    rare = math.log(1 + len(entries))
    found = [
        Asked(
            entry,
            max(share * _alike(words, own, weight, rare) for own, share in known[entry.id]),
        )
        for entry in entries
    ]
    return sorted((one for one in found if one.alike >= ALIKE), key=lambda one: -one.alike)


def _known_by(entry: Entry) -> list[tuple[frozenset[str], float]]:
    parts = [entry.title, *entry.title.split(": ")]
    return [(_words(each), 1.0) for each in entry.asked] + [
        (words, _OF_A_TITLE) for each in parts if (words := _words(each))
    ]


def _alike(
    one: Collection[str], other: Collection[str], weight: Mapping[str, float], rare: float
) -> float:
    both = sum(weight.get(word, rare) for word in one if word in other)
    either = sum(weight.get(word, rare) for word in {*one, *other})
    return both / either


def _words(text: str) -> frozenset[str]:
    every = [_stem(word) for word in _WORD.findall(text.casefold())]
    return frozenset(word for word in every if word not in _PASSING) or frozenset(every)


def _stem(word: str) -> str:
    """Return a word without an ending that only places it in a sentence."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word.removesuffix(ending)
    return word
