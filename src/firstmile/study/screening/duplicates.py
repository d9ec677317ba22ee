"""Groups reports of the same failure: the same error line, or nearly the same text.

Two kinds of evidence join two reports, and each join keeps its own, to be shown to whoever
decides. An error line that few reports hold, in the form `errors_in_text` gives it; a line that
many hold is generic and joins nobody. Or texts that share most of their five-word pieces, found by
MinHash (Broder (1997), Compression and Complexity of Sequences) in bands and then counted exactly.
Groups are what the joins connect, strongest first, up to a size: a chain of weak joins would glue
everything together. Memory is linear in the reports.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, pairwise
from typing import Final, Literal
from zlib import crc32

import msgspec
import numpy as np
import numpy.typing as npt

from firstmile.study.screening.errors_in_text import error_lines

Kind = Literal["error line", "text"]

MOST_HOLDERS: Final = 10
LARGEST_GROUP: Final = 50
SIMILARITY: Final = 0.6
TELLING_WORDS: Final = 8
RELATED: Final = 0.2
PIECE_HOLDERS: Final = 25
PIECE_WORDS: Final = 5
FEWEST_PIECES: Final = 12
LONGEST_TEXT: Final = 20_000
_WORDS: Final = re.compile(r"[^\W\d_\u3400-\u9fff]{2,}|[\u3400-\u9fff]")
_HASHES: Final = 96
_BAND: Final = 3
_COUNTERS: Final = 2**24
_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_SEED: Final = 20_260_113


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One report: its key, title and text, which should be stripped of its form."""

    key: str
    title: str
    text: str


class Join(msgspec.Struct, frozen=True, kw_only=True):
    """Why two reports are taken as one: the error line they share, or how alike they are.

    `evidence` is the line as the first has it, or the first's title. `similarity` is the share
    of pieces of text they have in common (Jaccard's), of words where an error line joins them.
    `holders` is how many reports hold the line.
    """

    first: str
    second: str
    kind: Kind
    evidence: str
    similarity: float
    holders: int = 2


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Reports of one failure, in the order they were handed over, and the joins between them."""

    members: tuple[str, ...]
    joins: tuple[Join, ...]


def group_duplicates(
    reports: Sequence[Report],
    *,
    most_holders: int = MOST_HOLDERS,
    similarity: float = SIMILARITY,
    largest_group: int = LARGEST_GROUP,
) -> tuple[Group, ...]:
    """Return the groups of reports that look like one failure, largest first.

    An error line that more than `most_holders` reports share is not evidence. One that is
    shorter than eight words, or stands alone between two reports that have hardly a word in
    common, isn't either. Keys must differ. The result depends on the reports alone.
    """
    joins = [*_by_error_lines(reports, most_holders), *_by_text(reports, similarity)]
    joins.sort(key=lambda join: (join[3].kind == "error line", -join[2], join[0], join[1]))
    return _connected(reports, joins, largest_group)


Candidate = tuple[int, int, float, Join]


def _by_error_lines(reports: Sequence[Report], most_holders: int) -> Iterator[Candidate]:
    holders: defaultdict[int, list[int]] = defaultdict(list)
    too_many: set[int] = set()
    for place, report in enumerate(reports):
        for line in error_lines(_text(report)):
            mark = _mark(line.fingerprint)
            if mark in too_many:
                continue
            holders[mark].append(place)
            if len(holders[mark]) > most_holders:
                too_many.add(mark)
                del holders[mark]
    shared: Counter[tuple[int, int]] = Counter()
    for places in holders.values():
        shared.update(combinations(places, 2))
    for (a, b), lines in sorted(shared.items()):
        first, second = _text(reports[a]), _text(reports[b])
        common = {line.fingerprint for line in error_lines(second)}
        telling = max(
            (line for line in error_lines(first) if line.fingerprint in common),
            key=lambda line: len(line.fingerprint.split()),
            default=None,
        )
        if telling is None:
            continue
        alike = _jaccard(_words(first), _words(second))
        words = len(telling.fingerprint.split())
        if (words >= TELLING_WORDS or lines > 1) and alike >= RELATED:
            count = len(holders.get(_mark(telling.fingerprint), ())) or 2
            yield (
                a,
                b,
                alike + lines,
                Join(
                    first=reports[a].key,
                    second=reports[b].key,
                    kind="error line",
                    evidence=telling.text,
                    similarity=alike,
                    holders=count,
                ),
            )


def _by_text(reports: Sequence[Report], similarity: float) -> Iterator[Candidate]:
    signatures = np.zeros((len(reports), _HASHES), dtype=np.uint32)
    enough = np.zeros(len(reports), dtype=bool)
    generator = np.random.default_rng(_SEED)
    factors = generator.integers(1, 2**63, size=_HASHES, dtype=np.uint64) | np.uint64(1)
    terms = generator.integers(0, 2**63, size=_HASHES, dtype=np.uint64)
    counts = np.zeros(_COUNTERS, dtype=np.uint16)
    for report in reports:
        _count(_pieces(_text(report)), counts)
    for place, report in enumerate(reports):
        pieces = _own(_pieces(_text(report)), counts)
        if len(pieces) >= FEWEST_PIECES:
            signatures[place] = _signature(pieces, factors, terms)
            enough[place] = True
    for a, b in sorted(_close(signatures, np.flatnonzero(enough))):
        alike = _jaccard(*(set(_own(_pieces(_text(reports[c])), counts).tolist()) for c in (a, b)))
        if alike >= similarity:
            yield (
                a,
                b,
                alike,
                Join(
                    first=reports[a].key,
                    second=reports[b].key,
                    kind="text",
                    evidence=reports[a].title,
                    similarity=alike,
                ),
            )


def _count(pieces: npt.NDArray[np.uint64], counts: npt.NDArray[np.uint16]) -> None:
    at = np.unique(pieces & np.uint64(_COUNTERS - 1))
    counts[at] = np.minimum(counts[at], np.uint16(60_000)) + np.uint16(1)


def _own(pieces: npt.NDArray[np.uint64], counts: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint64]:
    """Return the pieces that few reports hold: the others are a form's, or a program's banner.

    Counted by hash, so that memory does not grow; two pieces that fall together are counted as
    one, which at worst leaves a piece out.
    """
    few: npt.NDArray[np.bool_] = counts[pieces & np.uint64(_COUNTERS - 1)] <= PIECE_HOLDERS
    return np.asarray(pieces[few], dtype=np.uint64)


def _signature(
    pieces: npt.NDArray[np.uint64], factors: npt.NDArray[np.uint64], terms: npt.NDArray[np.uint64]
) -> npt.NDArray[np.uint32]:
    """Return the least hash of the pieces under each of many hash functions.

    Multiply-shift hashing (Dietzfelbinger and others (1997), Journal of Algorithms 25): the
    upper half of the product, taken modulo 2^64.
    """
    hashed = (pieces[:, None] * factors + terms) >> np.uint64(32)
    return np.asarray(hashed.min(axis=0), dtype=np.uint32)


def _close(
    signatures: npt.NDArray[np.uint32], places: npt.NDArray[np.intp]
) -> set[tuple[int, int]]:
    """Return the pairs that agree in at least one band of three hashes, each pair once.

    Where more than fifty agree, which is one text filed over and over, each is paired with the
    next: enough to connect them, and no more pairs than reports.
    """
    pairs: set[tuple[int, int]] = set()
    for at in range(0, _HASHES, _BAND):
        band = np.ascontiguousarray(signatures[places, at : at + _BAND])
        keys = band.view([("", band.dtype)] * _BAND).ravel()
        order = np.argsort(keys, kind="stable")
        ends = np.flatnonzero(keys[order][1:] != keys[order][:-1]) + 1
        for run in np.split(places[order], ends):
            if 2 <= len(run) <= LARGEST_GROUP:
                pairs.update(combinations(sorted(run.tolist()), 2))
            elif len(run) > LARGEST_GROUP:
                ordered = sorted(run.tolist())
                pairs.update(pairwise(ordered))
    return pairs


def _connected(
    reports: Sequence[Report], joins: Iterable[Candidate], largest: int
) -> tuple[Group, ...]:
    """Join strongest first; a join that would make a group too large is left out."""
    parent = list(range(len(reports)))
    size = [1] * len(reports)

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    kept: list[Candidate] = []
    for join in joins:
        a, b = root(join[0]), root(join[1])
        if a != b:
            if size[a] + size[b] > largest:
                continue
            low, high = min(a, b), max(a, b)
            parent[high] = low
            size[low] += size[high]
        kept.append(join)
    members: defaultdict[int, set[int]] = defaultdict(set)
    evidence: defaultdict[int, list[Join]] = defaultdict(list)
    for a, b, _strength, join_made in kept:
        members[root(a)].update((a, b))
        evidence[root(a)].append(join_made)
    found = [
        Group(
            members=tuple(reports[place].key for place in sorted(places)),
            joins=tuple(evidence[first]),
        )
        for first, places in sorted(members.items())
    ]
    return tuple(sorted(found, key=lambda group: -len(group.members)))


def _text(report: Report) -> str:
    return f"{report.title}\n{report.text[:LONGEST_TEXT]}"


def _words(text: str) -> set[int]:
    return {crc32(word.encode("utf-8", "replace")) for word in _split(text)}


def _pieces(text: str) -> npt.NDArray[np.uint64]:
    """Return the hashes of all runs of five words, each once: polynomials of the words' hashes."""
    words = _split(text)
    count = len(words) - PIECE_WORDS + 1
    if count <= 0:
        return np.zeros(0, dtype=np.uint64)
    hashes = np.fromiter(
        (crc32(word.encode("utf-8", "replace")) for word in words), np.uint64, len(words)
    )
    runs = np.zeros(count, dtype=np.uint64)
    for place in range(PIECE_WORDS):
        runs = runs * _BASE + hashes[place : place + count]
    return np.unique(runs ^ (runs >> np.uint64(29)))


def _split(text: str) -> list[str]:
    """Return the words of a text, and each character of Chinese; reports differ in numbers."""
    return _WORDS.findall(text.lower())


def _jaccard(first: set[int], second: set[int]) -> float:
    either = len(first | second)
    return len(first & second) / either if either else 0.0


def _mark(fingerprint: str) -> int:
    """Return a hash that is the same in every run, as Python's own is not."""
    data = fingerprint.encode("utf-8", "replace")
    return crc32(data) << 32 | crc32(data[::-1])
