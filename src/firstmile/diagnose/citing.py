"""Citing: which of the lines that speak for an answer prove something to its reader.

Words draw a text to a class wherever they stand; a line of code in a traceback, a full bar or a
note of what was done says nothing on why it failed, however telling its words are.
"""

import re
from collections.abc import Collection, Sequence
from typing import Final

from firstmile.diagnose.first_failure import is_work
from firstmile.diagnose.raised import Raised, process_of
from firstmile.diagnose.reading import Line

_HEAD: Final = 80
_NOTES: Final = re.compile(r"\b(?:INFO|DEBUG|TRACE|NOTICE)\b|^ *!\[|^Normal +\w+ ")
_FRAME: Final = re.compile(r'\s*File "|Traceback \(most recent call last\)|.{0,300}\d%\|')


class Proof:
    """The lines of a text, by what they prove."""

    def __init__(
        self,
        lines: Sequence[Line],
        raised: Sequence[Raised],
        *,
        named: Collection[int],
        apart: Collection[int] = (),
    ) -> None:
        """Take the exceptions of a text, and the places of lines that name what ended it.

        Lines set apart, which speak of something else, come last.
        """
        self._lines = lines
        self._named = frozenset(named)
        self._apart = frozenset(apart)
        self._has_raised = bool(raised)
        self._little: dict[int, bool] = {}
        self._frames = {
            place
            for each in raised
            for place in range(each.first, each.last)
            if process_of(lines[place]) == process_of(lines[each.last])
        }

    def ordered(self, groups: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
        """Return groups of lines: first what names the failure, last what proves little."""
        return sorted(groups, key=self._rank)

    def names(self, places: Collection[int]) -> bool:
        """Say whether one of some lines names what ended the run."""
        return not self._named.isdisjoint(places)

    def _rank(self, places: tuple[int, ...]) -> int:
        if self._apart.issuperset(places):
            return 3
        if self.names(places):
            return 0
        return 2 if all(map(self._proves_little, places)) else 1

    def _proves_little(self, place: int) -> bool:
        found = self._little.get(place)
        if found is None:
            found = self._little[place] = self._is_of_little_proof(place)
        return found

    def _is_of_little_proof(self, place: int) -> bool:
        text = self._lines[place].text
        return (
            place in self._frames
            or _NOTES.search(text[:_HEAD]) is not None
            or _FRAME.match(text) is not None
            or (self._has_raised and is_work(text))
        )
