"""Where the command writes: a terminal where we have one, a pipe where not, and their copying.

Only standard output and error are replaced. Standard input, the controlling terminal, session
and process group stay those of the shell: so Ctrl-C, Ctrl-Z, `fg` and questions for passwords work
as without us, and what is typed ahead is not lost.
"""

import contextlib
import errno
import os
import select
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from firstmile.run.capture import Capture
from firstmile.run.terminal import Terminal

_CHUNK: Final = 256 * 1024
_SOON_SECONDS: Final = 0.25
_CLOSED: Final = frozenset((errno.EIO, errno.EBADF))
"""What reading a terminal gives when nobody has its other end any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One way out of the command: it writes to `inner`, we read `source` and write to `target`.

    `serves` are the command's own descriptors that lead into it.
    """

    serves: tuple[int, ...]
    inner: int
    source: int
    target: int
    terminal: Terminal | None = None


def open_streams() -> list[Stream]:
    """Open a way for standard output and error: one for both where both lead to one place.

    A descriptor that the shell closed stays closed for the command.
    """
    groups: dict[tuple[int, int], list[int]] = {}
    for number in (1, 2):
        if _was_given(number):
            found = os.fstat(number)
            groups.setdefault((found.st_dev, found.st_ino), []).append(number)
    return [_open(tuple(numbers)) for numbers in groups.values()]


def hold_standard_places() -> None:
    """Keep files that we open from taking the place of a standard stream that is closed.

    What we open ourselves is not handed to the command: it finds the place closed.
    """
    for number in (0, 1, 2):
        with contextlib.suppress(OSError):
            os.fstat(number)
            continue
        os.open(os.devnull, os.O_RDWR)


def _was_given(number: int) -> bool:
    try:
        return os.get_inheritable(number)
    except OSError:
        return False


def _open(numbers: tuple[int, ...]) -> Stream:
    target = numbers[0]
    if os.isatty(target):
        terminal = Terminal.like(target)
        if terminal is not None:
            return Stream(
                serves=numbers,
                inner=terminal.inner,
                source=terminal.outer,
                target=target,
                terminal=terminal,
            )
    source, inner = os.pipe()
    return Stream(serves=numbers, inner=inner, source=source, target=target)


class Copying:
    """Threads that hand on what the command writes, one a stream: a slow one holds no other up."""

    def __init__(self, streams: Sequence[Stream], capture: Capture) -> None:
        """Prepare; `start` begins."""
        self._capture = capture
        self._is_slow = any(stream.terminal is not None for stream in streams)
        self._ending, self._end = os.pipe()
        self._held: list[Stream] = []
        self._threads = [
            threading.Thread(target=self._copy, args=(stream,), daemon=True) for stream in streams
        ]
        self.lost: OSError | None = None

    def start(self) -> None:
        """Begin to copy."""
        for thread in self._threads:
            thread.start()

    def finish(self) -> tuple[Stream, ...]:
        """Hand on all that the ended command wrote; return streams that others still write to.

        What was written to a pipe can be read at once, what was written to a terminal soon.
        """
        for thread in self._threads if self._is_slow else ():
            thread.join(timeout=_SOON_SECONDS)
        os.write(self._end, b".")
        for thread in self._threads:
            thread.join()
        os.close(self._end)
        os.close(self._ending)
        return tuple(self._held)

    def _copy(self, stream: Stream) -> None:
        waiting = select.poll()
        waiting.register(stream.source, select.POLLIN)
        waiting.register(self._ending, select.POLLIN)
        while True:
            ready = {number for number, _ in waiting.poll()}
            if stream.source not in ready:
                self._held.append(stream)
                return
            data = read_some(stream.source)
            if data and not self._hand_on(stream, data):
                data = b""
            if not data:
                if stream.terminal is not None:
                    stream.terminal.follow()
                os.close(stream.source)
                return

    def _hand_on(self, stream: Stream, data: bytes) -> bool:
        """Write, then keep; where nobody reads us any more, the command learns it by SIGPIPE."""
        if stream.terminal is not None:
            stream.terminal.follow()
        try:
            write_all(stream.target, data)
        except OSError as error:
            if error.errno != errno.EPIPE:
                self.lost = error
            return False
        finally:
            self._capture.add(stream.serves[0], data)
        return True


def read_some(source: int) -> bytes:
    """Return what a pipe or terminal has; nothing when all have closed its other end."""
    try:
        return os.read(source, _CHUNK)
    except OSError as error:
        if error.errno in _CLOSED:
            return b""
        raise


def write_all(target: int, data: bytes) -> None:
    """Write everything, also where the descriptor was made not to wait by another program."""
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(target, rest) :]
        except BlockingIOError:
            select.select([], [target], [])


def leave_copying(held: Sequence[Stream]) -> None:
    """Leave a process behind that goes on copying for what the command left running.

    Without us such a process would write to the terminal or pipe itself, after the command.
    """
    if not held or os.fork():
        for stream in held:
            os.close(stream.source)
        return
    with contextlib.suppress(BaseException):
        targets = {stream.source: stream.target for stream in held}
        for number in {0, 1, 2} - set(targets.values()):
            os.close(number)
        waiting = select.poll()
        for source in targets:
            waiting.register(source, select.POLLIN)
        while targets:
            for source, _ in waiting.poll():
                data = read_some(source)
                if data:
                    write_all(targets[source], data)
                else:
                    waiting.unregister(source)
                    del targets[source]
    os._exit(0)
