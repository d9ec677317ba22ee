"""A witness: a process beside us that tells whether a signal went to all or to us alone.

Ctrl-C, a shell's `kill %1` and a scheduler reach the command themselves; a signal that somebody
sent to us alone has to be passed on. The signal itself does not say which it was. The witness
is in the same process group and takes no signal: what waits for it there went to all.
"""

import contextlib
import os
import signal
import socket
from collections.abc import Collection
from typing import Final

_PATIENCE_SECONDS: Final = 0.5
_MOST_FILES: Final = 65_536


class Witness:
    """The process, from its start to `close`; its signals must be blocked when it is made."""

    def __init__(self, signals: Collection[signal.Signals]) -> None:
        """Start it; where that is impossible, every signal counts as sent to us alone."""
        self._signals = frozenset(signals)
        self._ours, theirs = socket.socketpair()
        self._pid = 0
        try:
            self._pid = os.fork()
        except OSError:
            theirs.close()
            return
        if self._pid == 0:
            with contextlib.suppress(BaseException):
                self._ours.close()
                _testify(theirs, self._signals)
            os._exit(0)
        theirs.close()
        self._ours.settimeout(_PATIENCE_SECONDS)

    def saw(self, number: signal.Signals) -> bool:
        """Return whether a signal that came to us came to it as well, since it was last asked."""
        if not self._pid or number not in self._signals:
            return False
        try:
            self._ours.send(b"?")
            return number in self._ours.recv(64)
        except OSError:
            return False

    def close(self) -> None:
        """Let it end."""
        self._ours.close()
        if self._pid:
            with contextlib.suppress(OSError):
                os.waitpid(self._pid, 0)


def _testify(asked: socket.socket, signals: frozenset[signal.Signals]) -> None:
    own = asked.fileno()
    for number in (0, 1, 2):
        os.close(number)
    os.closerange(3, own)
    os.closerange(own + 1, min(os.sysconf("SC_OPEN_MAX"), _MOST_FILES))
    while asked.recv(1):
        waiting = signal.sigpending() & signals
        for number in waiting:
            signal.sigwait({number})
        asked.send(bytes([*waiting, 0]))
