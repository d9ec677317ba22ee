"""Progress of long steps, on the terminal only."""

import sys
import time
from types import TracebackType
from typing import Self


class Progress:
    """Show which step runs, on one line of standard error; silent in pipes and with `quiet`."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._shown = not quiet and sys.stderr.isatty()
        self._started = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()

    def step(self, name: str) -> None:
        """Say what runs now."""
        if self._shown:
            seconds = time.monotonic() - self._started
            sys.stderr.write(f"\r\x1b[2K{seconds:4.1f} s  {name} ...")
            sys.stderr.flush()
