"""Signals that come to us: passed on to the command where they did not reach it themselves."""

import contextlib
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Final, Self

from firstmile.run.witness import Witness

_NAMES: Final = (
    "SIGINT",
    "SIGTERM",
    "SIGHUP",
    "SIGQUIT",
    "SIGUSR1",
    "SIGUSR2",
    "SIGTSTP",
    "SIGCONT",
)
_TO_END: Final = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")
_GRACE_SECONDS: Final = 0.03
"""A scheduler sends to one process after the other: so long the witness may be behind us."""


class Forwarding:
    """Signals for as long as a `with` block lasts; the command is started in it.

    What was ignored when we were started (as under `nohup`) stays ignored, by the command too.
    """

    def __init__(self) -> None:
        """Find out what there is to pass on."""
        wanted = {getattr(signal, name) for name in _NAMES}
        self._signals = {each for each in wanted if signal.getsignal(each) != signal.SIG_IGN}
        self._pid = 0
        self.asked_to_end: set[signal.Signals] = set()

    def __enter__(self) -> Self:
        """Hold signals back until `begin`, so that none is lost around the start."""
        self.mask_before = signal.pthread_sigmask(signal.SIG_BLOCK, self._signals)
        self._witness = Witness(self._signals)
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._woken, False)
        os.set_blocking(self._wake, False)
        self._fd_before = signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        heard = {*self._signals, signal.SIGCHLD, signal.SIGWINCH}
        self._before = {each: signal.signal(each, _note) for each in heard}
        return self

    def __exit__(self, *_: object) -> None:
        """Hear signals as before."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._fd_before)
        self._witness.close()
        os.close(self._woken)
        os.close(self._wake)
        signal.pthread_sigmask(signal.SIG_SETMASK, self.mask_before)

    def until_ended(self, pid: int, *, resized: Callable[[], None]) -> tuple[int, int]:
        """Pass signals on until a process ends.

        Return its status as `os.waitpid` gives it, and the most bytes of memory that it or one of
        those it waited for held.

        `resized` is called when the terminal's size may have changed.
        """
        self._pid = pid
        signal.pthread_sigmask(signal.SIG_SETMASK, self.mask_before)
        waiting = select.poll()
        waiting.register(self._woken, select.POLLIN)
        while True:
            ended, status, usage = os.wait4(pid, os.WNOHANG)
            if ended:
                # In bytes on macOS, in KiB elsewhere (getrusage(2)).
                return status, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
            waiting.poll()
            for number in self._arrived():
                if number == signal.SIGWINCH:
                    resized()
                elif number != signal.SIGCHLD:
                    self._take(signal.Signals(number))
                    if number == signal.SIGCONT:
                        resized()

    def _arrived(self) -> bytes:
        with contextlib.suppress(BlockingIOError):
            return os.read(self._woken, 512)
        return b""

    def _take(self, number: signal.Signals) -> None:
        if number.name in _TO_END:
            self.asked_to_end.add(number)
        time.sleep(_GRACE_SECONDS)
        if not self._witness.saw(number):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self._pid, number)
        if number == signal.SIGTSTP:
            # Stop as the command did: the shell waits for all processes of its job.
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            signal.signal(number, _note)


def _note(_signal: int, _frame: FrameType | None) -> None:
    """Do nothing: the number is read from the wake-up pipe."""
