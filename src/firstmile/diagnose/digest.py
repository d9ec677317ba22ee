"""Digest: of a log of any size the few thousand lines that matter, with their true numbers.

These are its first and last lines, the first lines that meet each signature, the first errors and
tracebacks, and what stands around them. Memory does not grow with the log.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import re2

from firstmile.diagnose.compiled_cache import user_cache
from firstmile.diagnose.keeping import LONGEST_KEPT, Found, Keeper, shown_part
from firstmile.diagnose.line_blocks import LineBlock, LineBlocks
from firstmile.diagnose.no_text import SAMPLE_BYTES, nothing_but_zeros, require_text
from firstmile.diagnose.reading import Line, read_line, text_of
from firstmile.diagnose.scanning import Scanner, scanner_for
from firstmile.diagnose.sifting import Sieve, coarse_options, coarse_pattern
from firstmile.errors import UserError
from firstmile.knowledge.literals import literals_of
from firstmile.knowledge.matching import Signatures, encoded
from firstmile.rendering.inert import visible

MOST_HITS: Final = 4
"""Lines kept of those that meet a signature: a failure shows itself early."""
MOST_LANDMARKS: Final = 48
_TRACEBACK: Final = r"Traceback \(most recent call last\)"
LANDMARKS: Final = (
    _TRACEBACK,
    r"^[\w.]*(Error|Exception): ",
    r"(?i)\b(segmentation fault|bus error|illegal instruction|core dumped|fatal error)\b",
    r"(?i)\bexit ?code\b|\bsignal \d|\bSIG(KILL|SEGV|ABRT|TERM|BUS)\b",
    r"\bKilled\b",
)
"""What a failure may show, known or not; of each the first `MOST_LANDMARKS` lines are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """The lines that matter, and how much they were taken from.

    `notes` are sentences on what was not looked at.
    """

    lines: tuple[Line, ...]
    line_count: int
    byte_count: int
    notes: tuple[str, ...]


class Digester:
    """Makes digests of logs for some signatures."""

    def __init__(self, signatures: Signatures, scanner: Scanner | None = None) -> None:
        """Take a scanner of `scanned_literals`, or the quickest there is."""
        self._signatures = signatures
        self._own = len(signatures.patterns)
        self._scanner = scanner or scanner_for(scanned_literals(signatures), user_cache())
        self._landmarks = tuple(re2.compile(each) for each in LANDMARKS)
        self._patterns = dict(enumerate((*signatures.patterns, *LANDMARKS)))
        self._coarse: dict[int, Any] = {}

    def digest(self, path: Path) -> Digest:
        """Read a log. Raises UserError where it cannot be read, or is no text."""
        try:
            with path.open("rb", buffering=0) as file:
                if stat.S_ISCHR(os.fstat(file.fileno()).st_mode):
                    raise UserError(f"{visible(str(path))} is a device, which may never end.")
                return self._of(LineBlocks(file), path)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise UserError(f"{visible(str(path))} cannot be read: {reason}.") from error

    def _of(self, blocks: LineBlocks, path: Path) -> Digest:
        keeper, sieve = Keeper(), Sieve(self._patterns)
        left = {
            place: MOST_HITS if place in self._signatures.beginning else 1
            for place in range(self._own)
        }
        left |= {self._own + place: MOST_LANDMARKS for place in range(len(LANDMARKS))}
        for block in blocks:
            if block.number == 1:
                sample = bytes(block.lines[:SAMPLE_BYTES])
                require_text(blocks.beginning, sample, visible(str(path)))
            keeper.take(block, sorted(self._found(block, sieve, left)))
        if blocks.byte_count and not blocks.line_count:
            raise nothing_but_zeros(visible(str(path)))
        return Digest(
            lines=tuple(
                read_line(text_of(raw), number=number) for number, raw in keeper.end(blocks.ending)
            ),
            line_count=blocks.line_count,
            byte_count=blocks.byte_count,
            notes=blocks.notes,
        )

    def _found(self, block: LineBlock, sieve: Sieve, left: dict[int, int]) -> set[Found]:
        """Return the lines of a block that meet patterns of which lines are still wanted."""
        read: dict[int, bytes] = {}
        found: dict[int, bool] = {}
        candidates = self._scanner.candidates(block.lines, left.keys())
        for place in sorted(sieve.sift(block, candidates)):
            hits_before = left[place]
            for start, raw in self._may_meet(place, block, block.first + candidates[place]):
                if start not in read:
                    shown = text_of(shown_part(raw, LONGEST_KEPT))
                    read[start] = encoded(read_line(shown, number=1).text)
                if not self._meets(place, read[start]):
                    continue
                found[start] = found.get(start, False) or place == self._own
                left[place] -= 1
                if not left[place]:
                    del left[place]
                    break
            if left.get(place) == hits_before:
                sieve.note(place)
        return {Found(start, is_traceback) for start, is_traceback in found.items()}

    def _may_meet(self, place: int, block: LineBlock, begins: int) -> Iterator[tuple[int, bytes]]:
        coarse = self._coarse.get(place)
        if coarse is None:
            coarse = re2.compile(coarse_pattern(self._patterns[place]), coarse_options())
            self._coarse[place] = coarse
        at = block.start_of(begins)
        while at < block.end and (match := coarse.search(block.buffer, at, block.end)):
            start = block.start_of(match.start())
            line, at = block.line_at(start)
            yield start, line

    def _meets(self, place: int, line: bytes) -> bool:
        if place < self._own:
            return self._signatures.meets(place, line)
        return self._landmarks[place - self._own].search(line) is not None


def scanned_literals(signatures: Signatures) -> tuple[Sequence[str] | None, ...]:
    """Return the literals by which lines of a digest are found, in the order of patterns."""
    return (*signatures.literals, *(literals_of(each) for each in LANDMARKS))
