"""The output of a run in bounded memory: its beginning and its end."""

import threading
import time
from typing import Final

from firstmile.diagnose.reading import text_of

HEAD_BYTES: Final = 512 * 1024
TAIL_BYTES: Final = 3584 * 1024
_LONGEST_PARTIAL: Final = 64 * 1024
"""Bytes of an unfinished line that wait for its end; a progress bar has no end."""


class Capture:
    """Keeps what several streams write, whole lines at a time; may be used by many threads."""

    def __init__(self, *, head_bytes: int = HEAD_BYTES, tail_bytes: int = TAIL_BYTES) -> None:
        """Keep so many bytes of the beginning and of the end."""
        self._head_bytes, self._tail_bytes = head_bytes, tail_bytes
        self._head, self._tail = bytearray(), bytearray()
        self._partial: dict[int, bytearray] = {}
        self._lock = threading.Lock()
        self._seen = 0
        self._latest = time.monotonic()

    @property
    def seen_bytes(self) -> int:
        """How many bytes were written so far."""
        return self._seen

    @property
    def latest(self) -> float:
        """When something was last written, by the monotonic clock."""
        return self._latest

    def add(self, stream: int, data: bytes) -> None:
        """Take what one stream wrote. Lines of two streams do not end up in one another."""
        with self._lock:
            self._latest = time.monotonic()
            self._seen += len(data)
            partial = self._partial.setdefault(stream, bytearray())
            end = data.rfind(b"\n") + 1
            if end:
                self._keep(partial)
                self._keep(data[:end])
                partial.clear()
            partial += data[end:]
            if len(partial) > _LONGEST_PARTIAL:
                self._keep(partial)
                partial.clear()

    def text(self) -> str:
        """Return what is kept; a line says how much is left out between beginning and end."""
        with self._lock:
            partials = [bytes(each) for each in self._partial.values() if each]
            tail = bytes(self._tail[-self._tail_bytes :])
            left_out = self._seen - len(self._head) - len(tail) - sum(map(len, partials))
            pieces = [bytes(self._head)]
            if left_out > 0:
                pieces.append(b"\n[%d bytes of output are not kept here]\n" % left_out)
            pieces += [tail, b"\n".join(partials)]
        return text_of(b"".join(pieces))

    def _keep(self, data: bytes | bytearray) -> None:
        room = self._head_bytes - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        self._tail += data
        if len(self._tail) > 2 * self._tail_bytes:
            del self._tail[: -self._tail_bytes]
