"""Tells what a reporter wrote from what a form, or a program's banner, wrote into the report.

Nothing is known of forms beforehand: a line is a form's where reports of one repository that are
about different things hold it. Reports of one thing share lines too, but they share their titles,
so a line counts once for titles alike. Words are hashes throughout: memory is linear in the texts.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

FORM_TITLES: Final = 3
FORM_HOLDERS: Final = 25
UNFILLED_HOLDERS: Final = 3
UNFILLED_SHARE: Final = 1 / 3
DEFAULT_TITLES: Final = 3
TITLES_ALIKE: Final = 0.4
PLACEHOLDER_SHARE: Final = 0.6
LONGEST_TEXT: Final = 20_000
COUNTERS: Final = 2**24

_TOKENS: Final = re.compile(
    r"[^\W\d_\u3040-\u30ff\u3400-\u9fff]{2,}|[\u3040-\u30ff\u3400-\u9fff]|\n"
)
_ODD: Final = np.uint64(0x9E3779B97F4A7C15)
_HALF: Final = np.uint64(32)
_LONGEST_MEMORY: Final = 2**20

Words = npt.NDArray[np.uint32]
Marks = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """The hashes of a report's words, and the number of the line that each stands in.

    Line 0 is the title. Numbers are no words; a character of Chinese or Japanese is one.
    """

    words: Words
    lines: npt.NDArray[np.int32]


class _Hashes(dict[str, int]):
    """Hashes of words that are the same in every run, as Python's own are not."""

    def __missing__(self, word: str) -> int:
        found = self[word] = crc32(word.encode("utf-8", "replace"))
        return found


def read_words(texts: Sequence[str]) -> list[Reading]:
    """Read texts, each a title, a line break and a body."""
    known = _Hashes()
    return [_read(text, known) for text in texts]


def _read(text: str, known: _Hashes) -> Reading:
    if len(known) > _LONGEST_MEMORY:
        known.clear()
    tokens = _TOKENS.findall(text.lower())
    hashes = np.fromiter(map(known.__getitem__, tokens), np.uint32, len(tokens))
    breaks = hashes == known["\n"]
    lines = np.cumsum(breaks, dtype=np.int32)
    return Reading(hashes[~breaks], lines[~breaks])


def keep_own(
    readings: Sequence[Reading], repositories: Sequence[str], counts: Callable[[int], bool]
) -> list[Reading]:
    """Return the readings without what a form wrote, in the order handed over.

    A line is a form's where reports of its repository under three unlike titles hold it, or more
    than 25 under any. Where a third of a report is a form's and two others leave the very same
    rest, that rest is either a form's default text or one failure filed over and over. Titles tell
    which: a default stands under three unlike titles, or under one that speaks to the reporter
    ("Insert summary of your issue"). Of such a report the title is kept, unless two others have the
    same one: then it is a placeholder wherever it stands. Lines are compared by their words,
    without digits and marks, so that a box ticked or a version filled in makes no difference.
    `counts` says of a report whether its lines count; those of a copy of an earlier one should not,
    for a failure filed often is no form.
    """
    salts = [np.uint64(crc32(name.encode("utf-8", "replace"))) << _HALF for name in repositories]
    read = [_lines(reading, salt) for reading, salt in zip(readings, salts, strict=True)]
    once = [place for place in range(len(read)) if counts(place)]
    forms = _form_lines([readings[at] for at in once], [read[at] for at in once])
    kept = [
        _without(reading, lines, among(lines.marks, forms) & (lines.numbers > 0))
        for reading, lines in zip(readings, read, strict=True)
    ]
    mostly = [
        len(rest.words) <= (1 - UNFILLED_SHARE) * len(reading.words)
        for reading, rest in zip(readings, kept, strict=True)
    ]
    defaults = _defaults(kept, salts, mostly)
    unfilled = _repeated([rest.words for rest in kept], salts, defaults)
    kept = [
        Reading(rest.words[rest.lines == 0], rest.lines[rest.lines == 0]) if default else rest
        for rest, default in zip(kept, defaults, strict=True)
    ]
    titles = _marks_of(
        int(lines.marks[0])
        for lines, hollow in zip(read, unfilled, strict=True)
        if hollow and len(lines.marks) and lines.numbers[0] == 0
    )
    return [
        Reading(rest.words[:0], rest.lines[:0])
        if hollow
        else _without(rest, lines, among(lines.marks, titles) & (lines.numbers == 0))
        for rest, lines, hollow in zip(kept, map(_lines, kept, salts), unfilled, strict=True)
    ]


def _repeated(
    rests: Sequence[Words], salts: Sequence[np.uint64], asked: Sequence[bool]
) -> list[bool]:
    """Say of each rest that is asked for whether two others of its repository are the same."""
    sums = [
        int(mixed(rest).sum() ^ salt) if ask else None
        for rest, salt, ask in zip(rests, salts, asked, strict=True)
    ]
    times = Counter(one for one in sums if one is not None)
    return [one is not None and times[one] >= UNFILLED_HOLDERS for one in sums]


def _defaults(
    rests: Sequence[Reading], salts: Sequence[np.uint64], asked: Sequence[bool]
) -> list[bool]:
    """Say of each rest that is asked for whether its body is what its form holds by default.

    Two others of its repository have the same body, and the titles of these are unlike, or one of
    them is a placeholder. One failure that was filed over and over has titles that are alike.
    """
    bodies = [rest.words[rest.lines > 0] for rest in rests]
    repeated = _repeated(bodies, salts, asked)
    titles: defaultdict[int, list[frozenset[int]]] = defaultdict(list)
    keys = [int(mixed(body).sum() ^ salt) for body, salt in zip(bodies, salts, strict=True)]
    found: set[int] = set()
    for rest, key, again in zip(rests, keys, repeated, strict=True):
        if again and key not in found:
            title = frozenset(rest.words[rest.lines == 0].tolist())
            if _placeholder(title):
                found.add(key)
            elif all(_jaccard(title, other) < TITLES_ALIKE for other in titles[key]):
                titles[key].append(title)
                if len(titles[key]) >= DEFAULT_TITLES:
                    found.add(key)
    return [again and key in found for again, key in zip(repeated, keys, strict=True)]


_TO_REPORTERS: Final = (
    "you your please insert enter write put add fill replace edit choose type title titles subject "
    "headline summary summarize brief briefly short concise clear one line sentence description "
    "describe describing issue issues bug bugs problem error question feature request enhancement "
    "wish idea report template form text here below above what happened new untitled placeholder "
    "name example " + " ".join("请在此处这里填写标题简要短描述概括一句话问题错误您你输入内容名称")
)
"""Words of titles that speak to the reporter, or say nothing: those of placeholders."""

_SPOKEN: Final = frozenset(crc32(word.encode()) for word in _TO_REPORTERS.split())
_SMALL: Final = frozenset(
    crc32(word.encode())
    for word in ("a", "an", "the", "of", "or", "and", "for", "in", "on", "to", "with", "is", "的")
)


def _placeholder(title: frozenset[int]) -> bool:
    """Say whether a form wrote a title: most of its words speak to the reporter, or it has none."""
    telling = title - _SMALL
    return len(telling & _SPOKEN) >= PLACEHOLDER_SHARE * len(telling)


def _jaccard(first: frozenset[int], second: frozenset[int]) -> float:
    either = len(first | second)
    return len(first & second) / either if either else 1.0


def _form_lines(readings: Sequence[Reading], read: "Sequence[_Lines]") -> Marks:
    """Return the lines that reports under unlike titles hold, in order."""
    counts = np.zeros(COUNTERS, dtype=np.uint16)
    for lines in read:
        count_once(lines.marks, counts)
    titles: defaultdict[int, set[int]] = defaultdict(set)
    forms: set[int] = set()
    for reading, lines in zip(readings, read, strict=True):
        times = counts[lines.marks & np.uint64(COUNTERS - 1)]
        below = lines.numbers > 0
        forms.update(lines.marks[below & (times > FORM_HOLDERS)].tolist())
        key = _title_key(reading)
        for mark in lines.marks[below & (times >= FORM_TITLES) & (times <= FORM_HOLDERS)].tolist():
            titles[mark].add(key)
    forms.update(mark for mark, keys in titles.items() if len(keys) >= FORM_TITLES)
    return _marks_of(forms)


def count_once(marks: Marks, counts: npt.NDArray[np.uint16]) -> None:
    """Count each of the marks once, in a table that never grows."""
    at = marks & np.uint64(len(counts) - 1)
    counts[at] = np.minimum(counts[at], np.uint16(60_000)) + np.uint16(1)


def among(marks: Marks, known: Marks) -> npt.NDArray[np.bool_]:
    """Say of each mark whether it is among the known ones, which are in order."""
    if not len(known):
        return np.zeros(len(marks), dtype=bool)
    at = np.minimum(np.searchsorted(known, marks), len(known) - 1)
    return np.asarray(known[at] == marks, dtype=np.bool_)


def mixed(words: Words) -> Marks:
    """Return 64-bit hashes of hashed words, spread well enough to be added up or compared."""
    wide = (words.astype(np.uint64) + np.uint64(1)) * _ODD
    return np.asarray((wide ^ (wide >> np.uint64(29))) * _ODD, dtype=np.uint64)


class _Lines(NamedTuple):
    """The lines of a reading that have words: a hash, where they begin, and their number."""

    marks: Marks
    starts: npt.NDArray[np.intp]
    numbers: npt.NDArray[np.int32]


def _lines(reading: Reading, salt: np.uint64) -> _Lines:
    if not len(reading.words):
        return _Lines(np.zeros(0, np.uint64), np.zeros(0, np.intp), np.zeros(0, np.int32))
    starts = np.concatenate([[0], np.flatnonzero(np.diff(reading.lines)) + 1])
    marks = np.add.reduceat(mixed(reading.words), starts) ^ salt
    return _Lines(marks, starts, reading.lines[starts])


def _without(reading: Reading, lines: _Lines, gone: npt.NDArray[np.bool_]) -> Reading:
    if not gone.any():
        return reading
    stays = np.repeat(~gone, np.diff([*lines.starts, len(reading.words)]))
    return Reading(reading.words[stays], reading.lines[stays])


def _title_key(reading: Reading) -> int:
    """Return a hash that unlike titles hardly ever share, and like ones often: the least of it."""
    title = mixed(reading.words[reading.lines == 0])
    return int(title.min()) if len(title) else 0


def _marks_of(marks: Iterable[int]) -> Marks:
    return np.array(sorted(set(marks)), dtype=np.uint64)
