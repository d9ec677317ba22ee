"""Keeping: the lines of a log that a digest holds, within a budget of memory."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from firstmile.diagnose.line_blocks import LineBlock
from firstmile.diagnose.reading import read_line, text_of

FIRST_LINES: Final = 300
LAST_LINES: Final = 600
BEFORE_LINES: Final = 8
AFTER_LINES: Final = 12
TRACEBACK_LINES: Final = 160
_AFTER_TRACEBACK: Final = 6
"""Unindented lines after a traceback's header: the exception, what it says, what follows."""
MOST_SURROUNDINGS: Final = 6_000
"""Lines that are kept only for what stands beside them."""
LONGEST_KEPT: Final = 32 * 1024
"""Bytes of a line: as many as the characters that signatures look at can take."""
_BEGINNING: Final = 200
_SHORT: Final = 1024
_MOST_BYTES: Final = 32 * 1024 * 1024
"""From here on lines are kept short."""


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """A line to be kept with its surroundings; `start` is its place in the block."""

    start: int
    is_traceback: bool = False


class Keeper:
    """Collects lines by their numbers, block after block."""

    def __init__(self) -> None:
        """Begin with the first lines of the log."""
        self._lines: dict[int, bytes] = {}
        self._bytes = 0
        self._room = FIRST_LINES + MOST_SURROUNDINGS
        self._pending = (FIRST_LINES, FIRST_LINES)

    def take(self, block: LineBlock, found: Iterable[Found]) -> None:
        """Keep what was found in a block, in the order of its lines, with what is around it."""
        pending = self._follow(block, block.first, block.number, self._pending)
        place, number = block.first, block.number
        for each in found:
            number += block.buffer.count(b"\n", place, each.start)
            place = each.start
            self._keep_before(block, place, number)
            line, following = block.line_at(place)
            self._keep(number, line)
            after = (
                (TRACEBACK_LINES, _AFTER_TRACEBACK)
                if each.is_traceback
                else (AFTER_LINES, AFTER_LINES)
            )
            pending = max(pending, self._follow(block, following, number + 1, after))
        self._pending = pending

    def end(self, ending: LineBlock) -> tuple[tuple[int, bytes], ...]:
        """Keep the last lines too, and return all that was kept by number, in order."""
        place = ending.first
        for number in range(ending.number - 1, max(0, ending.number - 1 - LAST_LINES), -1):
            if place <= 0:
                break
            place = ending.start_of(place - 1)
            self._keep(number, ending.line_at(place)[0])
        return tuple(sorted(self._lines.items()))

    def _keep_before(self, block: LineBlock, place: int, number: int) -> None:
        for back in range(1, BEFORE_LINES + 1):
            if place <= 0 or self._room <= 0:
                return
            place = block.start_of(place - 1)
            self._room -= self._keep(number - back, block.line_at(place)[0])

    def _follow(
        self, block: LineBlock, place: int, number: int, after: tuple[int, int]
    ) -> tuple[int, int]:
        """Keep so many lines, and of them so many unindented ones, as far as the block goes.

        Returns how many are to come in the next block.
        """
        lines, unindented = after
        while lines and unindented and self._room > 0:
            if place >= block.end:
                return lines, unindented
            line, place = block.line_at(place)
            self._room -= self._keep(number, line)
            number += 1
            lines -= 1
            body = read_line(text_of(line[:_BEGINNING]), number=1).body
            unindented -= not body[:1].isspace()
        return 0, 0

    def _keep(self, number: int, line: bytes) -> bool:
        """Keep a line; says whether it was not kept before."""
        if number in self._lines:
            return False
        kept = shown_part(line, LONGEST_KEPT if self._bytes < _MOST_BYTES else _SHORT)
        self._lines[number] = kept
        self._bytes += len(kept)
        return True


def shown_part(line: bytes, most: int) -> bytes:
    """Return a line's beginning, or of one that is written over and over what came last."""
    if len(line) <= most:
        return line
    shown = line[-most:].rstrip(b"\r").rpartition(b"\r")
    return shown[2] if shown[1] else line[:most]
