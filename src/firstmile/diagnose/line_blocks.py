"""Blocks of whole lines of a file, read into one buffer that is used again and again."""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import FileIO
from typing import Final

BLOCK_BYTES: Final = 512 * 1024
BEFORE_BYTES: Final = 64 * 1024
"""How much of what was read before stays in sight of a block."""
HEAD_BYTES: Final = 64 * 1024
"""What is kept of a line that is longer than a block."""
_TAIL_BYTES: Final = 16 * 1024
_BEGINNING_BYTES: Final = 64
_LARGE: Final = 64 * 1024 * 1024
"""From here on it is worth importing numpy to count lines."""


@dataclass(slots=True)
class LineBlock:
    """Whole lines: `buffer[first:end]`, the first of which has the number `number`.

    `buffer[:first]` are the whole lines before them, as far as they are still there. All of it
    is only good until the next block is asked for.
    """

    buffer: bytearray
    view: memoryview
    first: int
    end: int
    number: int

    @property
    def lines(self) -> memoryview:
        """The bytes of its own lines."""
        return self.view[self.first : self.end]

    def line_at(self, start: int) -> tuple[bytes, int]:
        """Return the line that begins at a place, and where the next one begins."""
        stop = self.buffer.find(b"\n", start, self.end)
        stop = self.end if stop < 0 else stop
        return bytes(self.view[start:stop]), stop + 1

    def start_of(self, place: int) -> int:
        """Return where the line begins that holds a place; the place of its newline is its own."""
        return self.buffer.rfind(b"\n", 0, place) + 1


class LineBlocks:
    """Reads a file once, from its beginning to where it ended when it was opened.

    Counts lines and bytes, and says in `notes` what was not as it should be. Zero bytes are left
    out: a log that is written on after another program emptied it has a hole of any size.
    `beginning` are the first bytes as they are.
    """

    def __init__(
        self,
        file: FileIO,
        *,
        block_bytes: int = BLOCK_BYTES,
        before_bytes: int = BEFORE_BYTES,
        head_bytes: int = HEAD_BYTES,
    ) -> None:
        """Take an unbuffered file, and how much of it is in sight at a time."""
        self.line_count = 0
        self.byte_count = 0
        self.beginning = b""
        self._file = file
        self._buffer = bytearray(before_bytes + head_bytes + block_bytes)
        self._view = memoryview(self._buffer)
        self._before_bytes = before_bytes
        self._head_bytes = head_bytes
        self._cut_lines = 0
        self._ended_at = 0
        self._size = _size(file)
        self._newlines = _counter(self._buffer, self._size or 0)

    def __iter__(self) -> Iterator[LineBlock]:
        """Yield blocks until the file ends."""
        first = filled = 0
        while True:
            if filled == len(self._buffer):
                filled = self._cut(first)
            read = self._read_to(filled)
            filled += read
            end = self._buffer.rfind(b"\n", first, filled) + 1
            if end <= first:
                if read:
                    continue
                if filled > first:
                    yield self._block(first, filled)
                    self.line_count += 1
                self._ended_at = filled
                return
            yield self._block(first, end)
            self.line_count += self._newlines(first, end)
            kept = max(0, end - self._before_bytes)
            kept = self._buffer.find(b"\n", kept - 1, end) + 1 if kept else 0
            self._view[: filled - kept] = self._view[kept:filled]
            first, filled = end - kept, filled - kept

    @property
    def ending(self) -> LineBlock:
        """A block of no lines, before which stand the last ones, once all was read."""
        return self._block(self._ended_at, self._ended_at)

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what was not looked at, once all was read."""
        found = []
        if self._cut_lines:
            lines = "One line is" if self._cut_lines == 1 else f"{self._cut_lines:,} lines are"
            found.append(f"{lines} longer than 512 KiB: only a part was looked at.")
        if self._size is not None:
            if self.byte_count < self._size:
                found.append("The file got shorter while it was read.")
            elif os.fstat(self._file.fileno()).st_size > self._size:
                found.append("The file grew while it was read; what came later was not looked at.")
        return tuple(found)

    def _block(self, first: int, end: int) -> LineBlock:
        return LineBlock(self._buffer, self._view, first, end, self.line_count + 1)

    def _read_to(self, place: int) -> int:
        """Read to a place of the buffer; returns how many bytes are there now, 0 at the end."""
        while (room := self._room(place)) > 0:
            read = self._file.readinto(self._view[place : place + room]) or 0
            if not read:
                return 0
            if not self.byte_count:
                self.beginning = bytes(self._view[place : place + min(read, _BEGINNING_BYTES)])
            self.byte_count += read
            if self._buffer.find(0, place, place + read) < 0:
                return read
            left = bytes(self._view[place : place + read]).replace(b"\0", b"")
            if left:
                self._view[place : place + len(left)] = left
                return len(left)
            self._skip_hole()
        return 0

    def _room(self, place: int) -> int:
        room = len(self._buffer) - place
        return room if self._size is None else min(room, self._size - self.byte_count)

    def _skip_hole(self) -> None:
        """Go to where the file holds data again, where the system knows of holes."""
        if self._size is None or not hasattr(os, "SEEK_DATA"):
            return
        try:
            data = os.lseek(self._file.fileno(), self.byte_count, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:  # there is none up to the end
                self.byte_count = self._size
            return
        self.byte_count = data

    def _cut(self, first: int) -> int:
        """Read to the end of a line that fills the buffer, and leave a part of it in its place.

        That is its beginning, or where it is one that is written over and over (a progress bar),
        what is written last. Returns where what was read ends.
        """
        self._cut_lines += 1
        start = first + self._head_bytes
        while read := self._read_to(start):
            stop = self._buffer.find(b"\n", start, start + read)
            if stop < 0:
                continue
            end = start + read
            last = bytes(self._view[max(start, stop - _TAIL_BYTES) : stop]).rstrip(b"\r")
            _, returned, shown = last.rpartition(b"\r")
            if returned:
                start = first + len(shown)
                self._view[first:start] = shown
            self._view[start : start + end - stop] = self._view[stop:end]
            return start + end - stop
        return start


def _size(file: FileIO) -> int | None:
    """Return where a file ends now; None where that is not known (pipes, files of /proc)."""
    status = os.fstat(file.fileno())
    return status.st_size or None if stat.S_ISREG(status.st_mode) else None


def _counter(buffer: bytearray, size: int) -> Callable[[int, int], int]:
    """Return what counts the newlines between two places of a buffer."""
    if size >= _LARGE:
        try:
            import numpy
        except ImportError:
            pass
        else:
            whole = numpy.frombuffer(buffer, numpy.uint8)
            is_newline = numpy.empty(len(whole), bool)

            def count(first: int, end: int) -> int:
                part = is_newline[: end - first]
                numpy.equal(whole[first:end], ord("\n"), out=part)
                return int(numpy.count_nonzero(part))

            return count
    return lambda first, end: buffer.count(b"\n", first, end)
