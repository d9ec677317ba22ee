"""Sifting: which of many patterns a block may meet, where each has a literal in nearly every one.

Words such as "loss" or "train" stand on all lines of a training log. The patterns that have no
other literal are then tried together, which takes no longer than to try one.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

import re2

from firstmile.diagnose.line_blocks import LineBlock
from firstmile.knowledge.loosening import loosened

_FRUITLESS: Final = 4
"""In how many blocks a pattern must have been tried in vain to be sifted."""
_AT_ONCE: Final = 24
"""Patterns in one automaton: with more of them it outgrows what RE2 keeps of it."""
_MARK: Final = b"\n\x01end of block\x02"
"""Stands after every block and among the patterns: where it is not found, RE2 ran out of memory,
which it does not say."""
_SET_BYTES: Final = 32 * 1024 * 1024


class Sieve:
    """Learns which patterns are often tried in vain, and tries those together."""

    def __init__(self, patterns: Mapping[int, str]) -> None:
        """Take patterns by their places."""
        self._patterns = patterns
        self._fruitless: dict[int, int] = {}
        self._sifted: set[int] = set()
        self._sets: list[tuple[list[int], Any]] = []

    def note(self, place: int) -> None:
        """Note that a pattern was tried on a block and met by none of its lines."""
        self._fruitless[place] = self._fruitless.get(place, 0) + 1

    def sift(self, block: LineBlock, candidates: Collection[int]) -> set[int]:
        """Return those candidates that the lines of a block may really meet, and perhaps more."""
        self._grow()
        if self._sifted.isdisjoint(candidates):
            return set(candidates)
        kept = set(candidates) - self._sifted
        lines = bytes(block.lines) + _MARK
        for places, together in self._sets:
            found = () if together is None else together.Match(lines) or ()
            if len(places) in found:
                kept.update(places[each] for each in found if each < len(places))
            else:
                kept.update(places)
        return kept.intersection(candidates)

    def _grow(self) -> None:
        often = [place for place, times in self._fruitless.items() if times >= _FRUITLESS]
        if not often:
            return
        for place in often:
            del self._fruitless[place]
        self._sifted.update(often)
        whole = sorted(self._sifted)
        self._sets = [
            (whole[first : first + _AT_ONCE], self._together(whole[first : first + _AT_ONCE]))
            for first in range(0, len(whole), _AT_ONCE)
        ]

    def _together(self, places: Collection[int]) -> Any:
        options = coarse_options()
        options.max_mem = _SET_BYTES
        together = re2.Set.SearchSet(options)
        for place in places:
            together.Add(coarse_pattern(self._patterns[place]))
        together.Add(_MARK)
        try:
            together.Compile()
        except re2.error:
            return None
        return together


def coarse_pattern(pattern: str) -> bytes:
    """Return what raw lines meet that may meet a pattern once they are read."""
    coarse = loosened(pattern)
    return rb"[^\n]" if coarse is None else coarse


def coarse_options() -> re2.Options:
    """Return the options to compile it with: a byte is a character."""
    options = re2.Options()
    options.log_errors = False
    options.encoding = re2.Options.Encoding.LATIN1
    options.never_capture = True
    options.max_mem = 4 * 1024 * 1024
    return options
