"""Finds copies of one report, so that what is filed often is not taken for what a form wrote.

How many reports hold a line, a word or a piece of text tells forms and banners from failures. A
failure filed two hundred times would look like a form, so in every such count only the first of
its copies counts. Copies are reports whose bodies have the same words, numbers, versions and dates
aside, whatever their titles; and reports under titles alike whose bodies differ in words here and
there. Reports in one form, each with an answer of its own, are no copies: where they differ, they
have little in common.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final
from zlib import crc32

import numpy as np
import numpy.typing as npt

from firstmile.study.screening.own_words import (
    LONGEST_TEXT,
    Marks,
    Reading,
    among,
    mixed,
    read_words,
)
from firstmile.study.screening.short_texts import likeness, weights

TITLES_RELATED: Final = 0.4
FEWEST_BODY: Final = 12
EDITED: Final = 0.5
FEWEST_ANSWER: Final = 4
NEARLY_EQUAL: Final = 0.85
PIECE_WORDS: Final = 5
HASHES: Final = 96
_BAND: Final = 3
_NEXT: Final = 5
_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_SEED: Final = 20_260_113
_DATED: Final = (
    "jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july "
    "august september october november december mon tue wed thu fri sat sun monday tuesday "
    "wednesday thursday friday saturday sunday am pm utc st nd rd th post rc dev alpha beta"
)


class Titles:
    """The words of all titles, each weighing as much as it tells."""

    def __init__(self, readings: Sequence[Reading]) -> None:
        self._words = [frozenset(each.words[each.lines == 0].tolist()) for each in readings]
        self._weight = weights(self._words)

    def likeness(self, a: int, b: int) -> float:
        """Return how alike two titles are; nothing where one has no words of its own."""
        return likeness(self._words[a], self._words[b], self._weight)

    def related(self, a: int, b: int) -> bool:
        """Say whether two titles may head one failure; a title without words may head any."""
        told = self._words[a] and self._words[b]
        return not told or self.likeness(a, b) >= TITLES_RELATED


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """For each report the place of the first one with an equal body, and of its first copy.

    Both are its own place where there is none before it.
    """

    equal: list[int]
    first: list[int]

    def counts(self, place: int) -> bool:
        """Say whether a report counts: it is the first of its copies."""
        return self.first[place] == place


def find_copies(readings: Sequence[Reading]) -> Copies:
    """Find equal bodies by their hash, then nearly equal ones by MinHash; memory is linear."""
    dated = np.array(sorted({crc32(word.encode()) for word in _DATED.split()}), dtype=np.uint32)
    seen: dict[int, int] = {}
    equal = [
        seen.setdefault(_body_key(reading, dated), place) for place, reading in enumerate(readings)
    ]
    titles, hashing = Titles(readings), Hashing.drawn()
    signatures = np.zeros((len(readings), HASHES), dtype=np.uint32)
    enough = np.zeros(len(readings), dtype=bool)
    for place, reading in enumerate(readings):
        body = reading.words[reading.lines > 0]
        if equal[place] == place and len(body) >= FEWEST_BODY:
            signatures[place] = hashing.signature(np.unique(pieces_of(body)))
            enough[place] = True
    first = list(equal)

    def root(place: int) -> int:
        while first[place] != place:
            first[place] = first[first[place]]
            place = first[place]
        return place

    for a, b in sorted(close_pairs(signatures, np.flatnonzero(enough))):
        low, high = sorted((root(a), root(b)))
        if (
            low != high
            and titles.likeness(low, high) >= TITLES_RELATED
            and _edited(readings[low], readings[high])
        ):
            first[high] = low
    return Copies(equal=equal, first=[root(place) for place in range(len(readings))])


def bodies_once(titles: Sequence[str], bodies: Sequence[str]) -> list[str]:
    """Return the bodies without those of copies of an earlier report."""
    texts = (
        f"{' '.join(title.split())}\n{body[:LONGEST_TEXT]}"
        for title, body in zip(titles, bodies, strict=True)
    )
    copies = find_copies(read_words(list(texts)))
    return [body for place, body in enumerate(bodies) if copies.counts(place)]


def _body_key(reading: Reading, dated: npt.NDArray[np.uint32]) -> int:
    """Return a hash of the body's words, or of the whole where the body says too little."""
    body = reading.words[reading.lines > 0]
    if len(body) < FEWEST_BODY:
        return _hash(reading.words) ^ 1
    return _hash(body[~np.isin(body, dated)])


def _hash(words: npt.NDArray[np.uint32]) -> int:
    data = words.tobytes()
    return crc32(data) << 32 | crc32(data[::-1])


def answered_apart(first: Reading, second: Reading) -> bool:
    """Say whether two bodies are alike but for lines that have nothing in common: two answers."""
    one, other = _apart(first, second)
    return min(len(one), len(other)) >= FEWEST_ANSWER and not np.isin(one, other).any()


def _apart(first: Reading, second: Reading) -> list[npt.NDArray[np.uint32]]:
    """Return the words of the lines that only one of two bodies holds."""
    marks = [_line_marks(reading) for reading in (first, second)]
    return [
        reading.words[(reading.lines > 0) & ~among(mine, np.sort(others))]
        for reading, mine, others in zip((first, second), marks, reversed(marks), strict=True)
    ]


def _edited(first: Reading, second: Reading) -> bool:
    """Say whether two bodies differ in words here and there, and not in what was answered."""
    apart = _apart(first, second)
    words, counts = np.unique(np.concatenate(apart), return_counts=True)
    held = np.bincount(np.searchsorted(words, apart[0]), minlength=len(words))
    both = int(np.minimum(held, counts - held).sum())
    either = len(apart[0]) + len(apart[1]) - both
    shared = int((first.lines > 0).sum()) - len(apart[0])
    return both >= EDITED * either and shared + both >= NEARLY_EQUAL * (shared + either)


def _line_marks(reading: Reading) -> Marks:
    """Return for each word a hash of the line that it stands in."""
    if not len(reading.words):
        return np.zeros(0, dtype=np.uint64)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(reading.lines)) + 1])
    sums = np.add.reduceat(mixed(reading.words), starts)
    return np.repeat(sums, np.diff([*starts, len(reading.words)]))


def pieces_of(words: npt.NDArray[np.uint32]) -> Marks:
    """Return the hashes of all runs of five words: polynomials of the words' hashes."""
    count = len(words) - PIECE_WORDS + 1
    if count <= 0:
        return np.zeros(0, dtype=np.uint64)
    hashes = words.astype(np.uint64)
    runs = np.zeros(count, dtype=np.uint64)
    for place in range(PIECE_WORDS):
        runs = runs * _BASE + hashes[place : place + count]
    return np.asarray(runs ^ (runs >> np.uint64(29)), dtype=np.uint64)


@dataclass(frozen=True, slots=True, eq=False)
class Hashing:
    """Many hash functions: multiply-shift (Dietzfelbinger and others (1997), Journal of
    Algorithms 25), the upper half of the product, taken modulo 2^64."""

    factors: Marks
    terms: Marks

    @classmethod
    def drawn(cls) -> "Hashing":
        """Draw the functions, the same ones each time."""
        generator = np.random.default_rng(_SEED)
        return cls(
            generator.integers(1, 2**63, size=HASHES, dtype=np.uint64) | np.uint64(1),
            generator.integers(0, 2**63, size=HASHES, dtype=np.uint64),
        )

    def signature(self, marks: Marks) -> npt.NDArray[np.uint32]:
        """Return the least hash of the marks under each function."""
        hashed = (marks[:, None] * self.factors + self.terms) >> np.uint64(32)
        return np.asarray(hashed.min(axis=0), dtype=np.uint32)


def close_pairs(
    signatures: npt.NDArray[np.uint32], places: npt.NDArray[np.intp]
) -> set[tuple[int, int]]:
    """Return the pairs that agree in at least one band of three hashes, each pair once.

    Where more than a handful agree, which is one text filed over and over, each is paired with
    the next five: enough to connect them, and pairs stay in proportion to reports.
    """
    pairs: set[tuple[int, int]] = set()
    for at in range(0, HASHES, _BAND):
        keys = np.zeros(len(places), dtype=np.uint64)
        for column in range(at, at + _BAND):
            keys = (keys ^ signatures[places, column]) * _BASE
        order = np.argsort(keys, kind="stable")
        differs = keys[order][1:] != keys[order][:-1]
        bounds = np.concatenate([[0], np.flatnonzero(differs) + 1, [len(keys)]])
        for start, end in pairwise(bounds.tolist()):
            if end - start > 1:
                run = places[order[start:end]].tolist()
                pairs.update(
                    (first, second)
                    for i, first in enumerate(run)
                    for second in run[i + 1 : i + 1 + _NEXT]
                )
    return pairs
