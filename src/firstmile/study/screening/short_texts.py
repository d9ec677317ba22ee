"""Compares reports of a sentence or two, where one word more or less weighs much.

Short texts are compared as sets of words, and of pairs of characters for Chinese and Japanese,
each word weighing as much as it tells: the logarithm of how few reports hold it (Sparck Jones
(1972), Journal of Documentation 28). The shorter the texts, the more of them has to agree: two
requests for two models differ in a single word, but that one is the rare one. Names with digits
(`qwen2.5`, `fp8`) and small numbers are words here; a bare error that a hundred faults end in is
not.
"""

import math
import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence, Set
from typing import Final, TypeVar

from firstmile.study.screening.errors_in_text import without_particulars, without_status

Word = TypeVar("Word", bound=Hashable)

SHORT_WORDS: Final = 80
FEWEST_WORDS: Final = 4
FEWEST_RARE: Final = 2
COMMON_SHARE: Final = 0.01
RARE_HOLDERS: Final = 10

_PARTS: Final = re.compile(
    r"(?P<run>[\u3040-\u30ff\u3400-\u9fff]+)|[^\W_\u3040-\u30ff\u3400-\u9fff]+(?:\.\d+)*"
)
_LONG_NUMBER: Final = re.compile(r"\d{3,}.*|\d+\.\d+\.\d.*|[0-9a-f]{12,}")


def words_of(text: str) -> frozenset[str]:
    """Return the words of a short text that can tell it from another."""
    return frozenset(_words(without_particulars(without_status(text.lower()))))


def _words(text: str) -> Iterator[str]:
    for found in _PARTS.finditer(text):
        part = found[0]
        if found["run"]:
            yield from (part[at : at + 2] for at in range(max(1, len(part) - 1)))
        elif not _LONG_NUMBER.fullmatch(part) and (len(part) > 1 or part.isdigit()):
            yield part


def weights(texts: Sequence[Set[Word]]) -> dict[Word, float]:
    """Return what each word tells; all positive, and nearly the same where texts are few.

    A word that two hold tells as much as one that a single one holds: it may be the two that are
    compared.
    """
    holders = Counter(word for words in texts for word in words)
    return {word: math.log((len(texts) + 2) / max(2, times)) for word, times in holders.items()}


def rare_words(words: frozenset[str], weight: Mapping[str, float], reports: int) -> frozenset[str]:
    """Return the words that few of the reports hold."""
    most = max(RARE_HOLDERS, COMMON_SHARE * reports)
    least = math.log((reports + 2) / most) if reports else 0.0
    return frozenset(word for word in words if weight[word] >= least)


def likeness(
    first: frozenset[Word], second: frozenset[Word], weight: Mapping[Word, float]
) -> float:
    """Return the share of what two texts tell that both tell (Jaccard's, weighted)."""
    either = _sum(first | second, weight)
    return _sum(first & second, weight) / either if either else 0.0


def needed(first: frozenset[str], second: frozenset[str]) -> float:
    """Return how alike two texts must be: .9 of five words, .7 of ten, .6 of twenty and more.

    More than one where they are too short to be compared at all.
    """
    size = min(len(first), len(second))
    return 2.0 if size < FEWEST_WORDS else max(0.6, 0.5 + 2 / size)


def _sum(words: Iterable[Word], weight: Mapping[Word, float]) -> float:
    return math.fsum(weight[word] for word in words)
