"""Quotation marks of a CSV, followed while it streams by.

RFC 4180: a mark opens a value only where the value begins, and two marks inside a value are one
of its letters. The parser takes the end of the file for the end of a value that was never closed,
and rows between two such values for a value's lines, so both are looked for here. Whole blocks
are looked at as arrays: a million rows cost a fraction of a second.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from firstmile.errors import UserError
from firstmile.study.reading.quoting import shown

Places = npt.NDArray[np.int64]

_MARK, _COMMA, _LINE, _RETURN = b'",\n\r'
_BOM: Final = b"\xef\xbb\xbf"
_BESIDE_A_VALUE: Final = np.array([_COMMA, _LINE, _RETURN, _MARK], dtype=np.uint8)
"""What stands before a mark that opens and after one that closes (two marks are one letter)."""

LONGEST: Final = 16 << 20
"""Bytes of one record after which nothing is followed: the parser refuses it anyway."""


class Quotation:
    """Follows a CSV's blocks; `broken` are the records (from 1) with a line break in a value.

    `like_records` are lines inside values with as many commas as a record of `columns` values,
    split at these, with the record that holds them. `feed` and `finish` raise UserError where a
    mark is never closed.
    """

    def __init__(self, name: str, columns: int) -> None:
        self.like_records: dict[tuple[bytes, ...], int] = {}
        self._name = name
        self._columns = columns
        self._rest = b""
        self._begun = False
        self._records = -1
        self._broken: list[Places] = []

    @property
    def broken(self) -> Places:
        """The records, in order, that have a value with a line break."""
        return np.unique(np.concatenate([np.empty(0, dtype=np.int64), *self._broken]))

    def feed(self, block: bytes) -> None:
        """Take the next bytes."""
        if not self._begun and block:
            self._begun = True
            block = block.removeprefix(_BOM)
        if len(self._rest) > LONGEST:
            return
        piece = self._rest + block
        self._rest = piece[self._look(piece) :]

    def finish(self) -> None:
        """Take the end of the file; raises UserError where a value is still open."""
        rest = self._rest
        if not rest.strip(b"\r\n"):
            return
        marks = _toggles(np.frombuffer(rest, dtype=np.uint8))
        if len(marks) % 2:
            raise never_closed(self._name, self._records + 1)
        self._rest = b""
        self._look(rest + b"\n")

    def _look(self, piece: bytes) -> int:
        """Look at the whole records of a piece, which begins with one; return where they end."""
        letters = np.frombuffer(piece, dtype=np.uint8)
        marks = _toggles(letters) if b'"' in piece else np.empty(0, dtype=np.int64)
        breaks = _line_ends(piece, letters)
        inside = np.searchsorted(marks, breaks) % 2 == 1
        ends = breaks[~inside]
        if not len(ends):
            return 0
        whole = int(ends[-1]) + 1
        starts = np.concatenate([[0], ends[:-1] + 1])
        after_return = (ends > 0) & (letters[ends] == _LINE) & (letters[ends - 1] == _RETURN)
        numbers = self._records + np.cumsum(ends - starts - after_return > 0)
        within = breaks[inside & (breaks < whole)]
        if len(within):
            self._refuse_text_after(letters, marks, within, numbers, ends)
            self._broken.append(numbers[np.searchsorted(ends, within)])
            self._keep_like_records(piece, letters, marks, breaks, within, numbers, ends)
        self._records = int(numbers[-1])
        return whole

    def _refuse_text_after(
        self,
        letters: npt.NDArray[np.uint8],
        marks: Places,
        within: Places,
        numbers: Places,
        ends: Places,
    ) -> None:
        """Refuse a value over several lines whose last mark is followed by text.

        That mark was meant to open another value: the first was never closed.
        """
        closing = marks[np.searchsorted(marks, within)]
        wrong = ~np.isin(letters[closing + 1], _BESIDE_A_VALUE)
        if wrong.any():
            raise never_closed(self._name, int(numbers[np.searchsorted(ends, within[wrong][0])]))

    def _keep_like_records(
        self,
        piece: bytes,
        letters: npt.NDArray[np.uint8],
        marks: Places,
        breaks: Places,
        within: Places,
        numbers: Places,
        ends: Places,
    ) -> None:
        """Keep the lines inside values that have as many commas as a record has.

        Of a value's last line only what stands before its closing mark is inside: the rest of
        the line is the rest of the record.
        """
        commas = np.flatnonzero(letters == _COMMA)
        closing = marks[np.searchsorted(marks, within)]
        stops = np.minimum(breaks[np.searchsorted(breaks, within) + 1], closing)
        held = np.searchsorted(commas, stops) - np.searchsorted(commas, within)
        for at in np.flatnonzero(held >= max(self._columns - 1, 1)):
            line = piece[within[at] + 1 : stops[at]]
            record = int(numbers[np.searchsorted(ends, within[at])])
            self.like_records.setdefault(tuple(line.rstrip(b"\r").split(b",")), record)


def never_closed(name: str, record: int) -> UserError:
    """Return the error of a value that is not closed; record 0 is the header."""
    place = f"Record {record}" if record else "The header"
    return UserError(
        f"{place} of {shown(name)} opens a quotation mark that is never closed; close it."
    )


def _line_ends(piece: bytes, letters: npt.NDArray[np.uint8]) -> Places:
    """Return where lines end: at each line feed, and at a carriage return without one."""
    feeds = np.flatnonzero(letters == _LINE)
    if b"\r" not in piece:
        return feeds
    returns = np.flatnonzero(letters[:-1] == _RETURN)
    alone = returns[letters[returns + 1] != _LINE]
    return np.union1d(feeds, alone) if len(alone) else feeds


def _toggles(letters: npt.NDArray[np.uint8]) -> Places:
    """Return the marks that open or close a value, in turn; others are letters of a value."""
    marks = np.flatnonzero(letters == _MARK)
    openers = marks[::2]
    regular = np.isin(letters[openers - 1], _BESIDE_A_VALUE) | (openers == 0)
    if regular.all():
        return marks
    return np.fromiter(_one_by_one(marks.tolist(), letters), dtype=np.int64)


def _one_by_one(marks: list[int], letters: npt.NDArray[np.uint8]) -> Iterator[int]:
    inside, closed = False, -1
    before = letters[np.maximum(np.array(marks) - 1, 0)].tolist()
    for place, letter in zip(marks, before, strict=True):
        if inside:
            inside, closed = False, place
            yield place
        elif place == 0 or letter in (_COMMA, _LINE, _RETURN) or (closed == place - 1 >= 0):
            inside = True
            yield place
