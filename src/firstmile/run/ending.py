"""How a command ended, and ending in the same way."""

import contextlib
import os
import signal
import sys
from dataclasses import dataclass
from typing import NoReturn

NOT_FOUND = 127
NOT_RUNNABLE = 126
"""What a shell's `$?` is for a command that is not there, or cannot be run (POSIX, 2.8.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The status a command left with, or the signal that ended it."""

    status: int | None = None
    signal: int | None = None

    @classmethod
    def of(cls, code: int) -> "Ending":
        """Read what `os.waitstatus_to_exitcode` gives: negative for a signal."""
        return cls(signal=-code) if code < 0 else cls(status=code)

    @property
    def shown(self) -> int:
        """The status as a shell shows it: 128 and the signal's number where one ended it."""
        return 128 + self.signal if self.signal is not None else self.status or 0

    @property
    def is_success(self) -> bool:
        """Whether the command left with status 0."""
        return self.shown == 0

    @property
    def is_kill(self) -> bool:
        """Whether SIGKILL ended the command, or one that it ran and whose end it passed on."""
        return self.shown == 128 + 9

    def sentence(self) -> str:
        """Say it as people do."""
        if self.signal is None:
            return f"exit status {self.status}"
        return f"{signal_name(self.signal)}, which a shell shows as {self.shown}"


def signal_name(number: int) -> str:
    """Return "SIGKILL" for 9; a number without a name is "signal N"."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def end_as(ending: Ending) -> NoReturn:
    """End this process as the command ended: by the same signal, or with the same status.

    A shell then shows the same status, and a program that waits for us sees the same signal.
    No second core file is written. Process 1 of a container cannot end by a signal: there it is
    128 and its number.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    number = ending.signal
    if number is not None and sys.platform != "win32":
        with contextlib.suppress(OSError, ValueError):
            import resource

            resource.setrlimit(
                resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1])
            )
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_DFL)
        with contextlib.suppress(OSError, ValueError):
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
            os.kill(os.getpid(), number)
    os._exit(ending.shown)
