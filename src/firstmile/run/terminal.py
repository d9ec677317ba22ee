"""A terminal of our own for what the command writes, which looks as the real one does."""

import contextlib
import os
import struct
import threading
from typing import Any, Final, Self

_IFLAG, _OFLAG, _CFLAG, _LFLAG, _ISPEED, _OSPEED, _CC = range(7)
_SIZE: Final = struct.Struct("HHHH")


class Terminal:
    """A pair of ends, of which the command has `inner`; `outer` gives what it wrote.

    Its size and modes are those of the real terminal, save that it translates no line ends: the
    real one does that, once. Nothing is read from it: the command reads the real terminal.
    """

    def __init__(self, real: int, outer: int, inner: int) -> None:
        """Take two ends that were opened; `like` opens them."""
        self.real, self.outer, self.inner = real, outer, inner
        self._name = os.ttyname(inner)
        self._modes: list[Any] | None = None
        self._lock = threading.Lock()
        self.size = b""
        self.resize()

    @classmethod
    def like(cls, real: int) -> Self | None:
        """Open one like the terminal at `real`; None where the system has none to give."""
        import termios

        try:
            outer, inner = os.openpty()
        except OSError:
            return None
        terminal = cls(real, outer, inner)
        with contextlib.suppress(termios.error):
            modes = termios.tcgetattr(real)
            modes[_OFLAG] &= ~termios.OPOST
            termios.tcsetattr(inner, termios.TCSANOW, modes)
            terminal._modes = termios.tcgetattr(inner)
        return terminal

    def resize(self) -> bool:
        """Take over the real terminal's size; returns whether it had changed."""
        import fcntl
        import termios

        try:
            size = fcntl.ioctl(self.real, termios.TIOCGWINSZ, b"\0" * _SIZE.size)
            if size == self.size:
                return False
            fcntl.ioctl(self.outer, termios.TIOCSWINSZ, size)
        except OSError:
            return False
        self.size = size
        return True

    def follow(self) -> None:
        """Set on the real terminal what the command set on this one, such as no echo.

        Programs that fill the screen set it through their output.
        """
        import termios

        if self._modes is None:
            return
        with self._lock, contextlib.suppress(termios.error, OSError):
            modes = termios.tcgetattr(self.outer)
            changed = [
                place for place in (_IFLAG, _LFLAG, _CC) if modes[place] != self._modes[place]
            ]
            self._modes = modes
            if changed and os.tcgetpgrp(self.real) == os.getpgrp():
                real = termios.tcgetattr(self.real)
                for place in changed:
                    real[place] = modes[place]
                termios.tcsetattr(self.real, termios.TCSADRAIN, real)
