"""Groups reports of the same failure: the same error line, or nearly the same text.

Two kinds of evidence join two reports, and each join keeps its own, to be shown to whoever
decides. An error line that few reports hold, in the form `errors_in_text` gives it; a line that
many hold is generic and joins nobody. Or nearly the same text, of which what a form wrote is no
part (`own_words`): long texts share most of their five-word pieces, found by MinHash (Broder
(1997), Compression and Complexity of Sequences) in bands and then counted exactly; short ones have
a measure of their own (`short_texts`). Groups are what the joins connect, strongest first, up to a
size: a chain of weak joins would glue everything together. Memory is linear in the reports.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Final, Literal
from zlib import crc32

import msgspec
import numpy as np
import numpy.typing as npt

from firstmile.study.screening.copies import (
    HASHES,
    TITLES_RELATED,
    Copies,
    Hashing,
    Titles,
    answered_apart,
    close_pairs,
    find_copies,
    pieces_of,
)
from firstmile.study.screening.errors_in_text import error_lines
from firstmile.study.screening.own_words import (
    COUNTERS,
    LONGEST_TEXT,
    Marks,
    Reading,
    among,
    count_once,
    keep_own,
    mixed,
    read_words,
)
from firstmile.study.screening.short_texts import (
    FEWEST_RARE,
    SHORT_WORDS,
    likeness,
    needed,
    rare_words,
    weights,
    words_of,
)

Kind = Literal["error line", "text", "rater"]

MOST_HOLDERS: Final = 10
LARGEST_GROUP: Final = 50
SIMILARITY: Final = 0.6
TELLING_WORDS: Final = 8
RELATED: Final = 0.2
RELATED_ABROAD: Final = 0.35
DESPITE: Final = 0.75
ALIKE_DESPITE: Final = 0.85
OF_COPIES: Final = 0.4
PIECE_HOLDERS: Final = 25
FEWEST_PIECES: Final = 12
FEWEST_LONG: Final = 40
FEWEST_EQUAL: Final = 12
STRONGEST: Final = 1_000.0
_REMEMBERED: Final = 512


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One report: its key, title and text, which should be stripped of its form.

    The key ends in the report's number; what stands before it names the repository, whose
    reports share their forms.
    """

    key: str
    title: str
    text: str


class Join(msgspec.Struct, frozen=True, kw_only=True):
    """Why two reports are taken as one: the error line they share, how alike they are, or a rater.

    `evidence` is the line as the first has it, or the first's title. `similarity` is the share
    of pieces of text they have in common (Jaccard's), of words where an error line joins them,
    of what the words tell where texts are short. `holders` is how many reports hold the line.
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

    An error line that more than `most_holders` reports share is not evidence. Under titles that
    are not alike, one that is shorter than eight words, or stands alone between two reports that
    have hardly a word in common, isn't either; reports of several repositories, where the line is
    likely a library's, need more in common. Reports that tell of other errors besides, each of its
    own, need more still, whatever their titles. `similarity` is
    what long texts need; texts under titles that have nothing to do with each other need .85.
    Keys must differ. The result depends on the reports alone.
    """
    read = read_words([_text(report) for report in reports])
    copies = find_copies(read)
    own = keep_own(read, [_repository(report) for report in reports], copies.counts)
    titles = Titles(own)
    joins = [
        *_by_equal_body(reports, own, copies),
        *_by_error_lines(reports, own, titles, most_holders, copies),
        *_by_long_text(reports, read, own, similarity, titles, copies),
        *_by_short_text(reports, own, titles, copies),
    ]
    joins.sort(key=lambda join: (join[3].kind == "error line", -join[2], join[0], join[1]))
    return _connected(reports, joins, largest_group, copies)


Candidate = tuple[int, int, float, Join]


def _by_equal_body(
    reports: Sequence[Report], own: Sequence[Reading], copies: Copies
) -> Iterator[Candidate]:
    """Join each report to the first with the same body, where more than a form's text is left.

    Numbers make no difference in a long body; in a short one the names that hold them do.
    """
    known: dict[tuple[int, object], int] = {}
    for place, (report, kept) in enumerate(zip(reports, own, strict=True)):
        body = kept.lines > 0
        long = int(body.sum()) >= FEWEST_LONG
        said = frozenset[str]()
        if not long:
            words = words_of(_lines_of(report, Reading(kept.words[body], kept.lines[body])))
            if len(words) < FEWEST_EQUAL:
                continue
            said = words
        first = known.setdefault((copies.equal[place], said), place)
        if first != place:
            yield first, place, STRONGEST, _text_join(reports, first, place, 1.0)


def _by_error_lines(
    reports: Sequence[Report],
    own: Sequence[Reading],
    titles: Titles,
    most_holders: int,
    copies: Copies,
) -> Iterator[Candidate]:
    holders: defaultdict[int, dict[int, int]] = defaultdict(dict)
    said: list[dict[int, int]] = []
    for place, report in enumerate(reports):
        lines = {_mark(one.fingerprint): one.fingerprint for one in error_lines(_text(report))}
        said.append({mark: form.count(" ") + 1 for mark, form in lines.items()})
        for mark in lines:
            if len(holders[mark]) <= most_holders:
                holders[mark].setdefault(copies.first[place], place)
    shared: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for mark, places in holders.items():
        if len(places) <= most_holders:
            for pair in combinations(places.values(), 2):
                shared[pair].append(mark)

    @lru_cache(maxsize=_REMEMBERED)
    def words_of_place(place: int) -> Marks:
        return np.unique(own[place].words).astype(np.uint64)

    @lru_cache(maxsize=_REMEMBERED)
    def lines_of_place(place: int) -> dict[int, str]:
        return {_mark(one.fingerprint): one.text for one in error_lines(_text(reports[place]))}

    for (a, b), marks in sorted(shared.items()):
        telling = max(marks, key=lambda mark: said[a][mark])
        entitled = titles.likeness(a, b) >= TITLES_RELATED
        if said[a][telling] < TELLING_WORDS and len(marks) == 1 and not entitled:
            continue
        if min(len(said[a]), len(said[b])) > len(marks):
            least = DESPITE
        elif entitled:
            least = 0.0
        elif len({_repository(reports[place]) for place in holders[telling].values()}) > 1:
            least = RELATED_ABROAD
        else:
            least = RELATED
        alike = _share(words_of_place(a), words_of_place(b))
        if alike >= least:
            join = Join(
                first=reports[a].key,
                second=reports[b].key,
                kind="error line",
                evidence=lines_of_place(a)[telling],
                similarity=alike,
                holders=len(holders[telling]),
            )
            yield a, b, alike + len(marks), join


def _by_long_text(
    reports: Sequence[Report],
    read: Sequence[Reading],
    own: Sequence[Reading],
    similarity: float,
    titles: Titles,
    copies: Copies,
) -> Iterator[Candidate]:
    hashing = Hashing.drawn()
    signatures = np.zeros((len(reports), HASHES), dtype=np.uint32)
    enough = np.zeros(len(reports), dtype=bool)
    counts = np.zeros(COUNTERS, dtype=np.uint16)
    places = [place for place, reading in enumerate(own) if len(reading.words) >= FEWEST_LONG]
    for place in filter(copies.counts, places):
        count_once(_pieces(own[place]), counts)
    for whole, kept in zip(read, own, strict=True):
        if len(kept.words) < len(whole.words):
            pieces = _pieces(whole)
            form = pieces[~among(pieces, np.sort(_pieces(kept)))]
            counts[form & np.uint64(COUNTERS - 1)] = PIECE_HOLDERS + 1
    for place in places:
        pieces = _own(_pieces(own[place]), counts)
        if len(pieces) >= FEWEST_PIECES:
            signatures[place] = hashing.signature(pieces)
            enough[place] = True

    @lru_cache(maxsize=_REMEMBERED)
    def pieces_of_place(place: int) -> Marks:
        return _own(_pieces(own[place]), counts)

    for a, b in sorted(close_pairs(signatures, np.flatnonzero(enough))):
        if max(len(own[a].words), len(own[b].words)) <= SHORT_WORDS:
            continue
        alike = _share(pieces_of_place(a), pieces_of_place(b))
        least = similarity if titles.related(a, b) else max(similarity, ALIKE_DESPITE)
        if copies.first[a] == copies.first[b]:
            least = min(least, OF_COPIES)
        if alike >= least and not answered_apart(own[a], own[b]):
            yield a, b, alike, _text_join(reports, a, b, alike)


def _by_short_text(
    reports: Sequence[Report], own: Sequence[Reading], titles: Titles, copies: Copies
) -> Iterator[Candidate]:
    places = [at for at, reading in enumerate(own) if 0 < len(reading.words) <= SHORT_WORDS]
    texts = [words_of(_lines_of(reports[at], own[at])) for at in places]
    told: defaultdict[int, set[str]] = defaultdict(set)
    for at, words in zip(places, texts, strict=True):
        told[copies.first[at]].update(words)
    weight = weights(list(told.values()))
    hashing = Hashing.drawn()
    signatures = np.zeros((len(places), HASHES), dtype=np.uint32)
    enough = np.zeros(len(places), dtype=bool)
    for at, words in enumerate(texts):
        rare = rare_words(words, weight, len(told))
        if needed(words, words) <= 1 and len(rare) >= FEWEST_RARE:
            hashes = np.array([crc32(word.encode("utf-8", "replace")) for word in sorted(rare)])
            signatures[at] = hashing.signature(mixed(hashes.astype(np.uint32)))
            enough[at] = True
    for a, b in sorted(close_pairs(signatures, np.flatnonzero(enough))):
        alike = likeness(texts[a], texts[b], weight)
        first, second = places[a], places[b]
        least = needed(texts[a], texts[b])
        if alike >= (least if titles.related(first, second) else max(least, ALIKE_DESPITE)):
            yield first, second, alike, _text_join(reports, first, second, alike)


def _text_join(reports: Sequence[Report], a: int, b: int, alike: float) -> Join:
    return Join(
        first=reports[a].key,
        second=reports[b].key,
        kind="text",
        evidence=reports[a].title,
        similarity=alike,
    )


def _lines_of(report: Report, own: Reading) -> str:
    """Return the lines of a report that its reporter wrote."""
    lines = _text(report).split("\n")
    return "\n".join(lines[at] for at in sorted(set(own.lines.tolist())))


def _own(pieces: Marks, counts: npt.NDArray[np.uint16]) -> Marks:
    """Return the pieces that few reports hold and no form, each once, in order.

    The others are a program's banner, or lines of a form with a word more or less.
    Counted by hash, so that memory does not grow; two pieces that fall together are counted as
    one, which at worst leaves a piece out.
    """
    few: npt.NDArray[np.bool_] = counts[pieces & np.uint64(COUNTERS - 1)] <= PIECE_HOLDERS
    kept = np.sort(pieces[few])
    first = np.ones(len(kept), dtype=bool)
    first[1:] = kept[1:] != kept[:-1]
    return np.asarray(kept[first], dtype=np.uint64)


def _connected(
    reports: Sequence[Report], joins: Iterable[Candidate], largest: int, copies: Copies
) -> tuple[Group, ...]:
    """Join strongest first, by each kind once; one that would make a group too large is left out.

    Equal bodies make no group larger: it is chains of unlike texts that have to end.
    """
    parent = list(range(len(reports)))
    size = [int(copies.equal[place] == place) for place in range(len(reports))]

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    kept: list[Candidate] = []
    said: set[tuple[int, int, Kind]] = set()
    for join in joins:
        pair = (min(join[:2]), max(join[:2]), join[3].kind)
        if pair in said:
            continue
        a, b = root(join[0]), root(join[1])
        if a != b:
            if size[a] + size[b] > largest:
                continue
            low, high = min(a, b), max(a, b)
            parent[high] = low
            size[low] += size[high]
        said.add(pair)
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


def _repository(report: Report) -> str:
    return report.key.rstrip("0123456789")


def _text(report: Report) -> str:
    title = report.title.replace("\n", " ")
    return f"{title}\n{report.text[:LONGEST_TEXT]}"


def _pieces(reading: Reading) -> Marks:
    return pieces_of(reading.words)


def _share(first: Marks, second: Marks) -> float:
    """Return Jaccard's share of two sets of marks that are in order."""
    both = int(among(first, second).sum())
    either = len(first) + len(second) - both
    return both / either if either else 0.0


def _mark(fingerprint: str) -> int:
    """Return a hash that is the same in every run, as Python's own is not."""
    data = fingerprint.encode("utf-8", "replace")
    return crc32(data) << 32 | crc32(data[::-1])
