"""The order of reading learns while raters read: it is made anew in a process beside the server.

A process of its own, at the lowest priority, keeps the pages quick; the server takes the new order
in as soon as its file has changed.
"""

import contextlib
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

DECISIONS: Final = 20
"""How many new decisions of the screen make it worth while to order anew."""

REST: Final = 5.0
"""Seconds between two looks, and how many times as long as it took the ordering rests."""


class Reordering:
    """Orders the unread issues of a study anew whenever raters have decided enough.

    `screened` says how many decisions of the screen there are. Use it as a context.
    """

    def __init__(
        self,
        folder: Path,
        screened: Callable[[], int],
        *,
        command: Sequence[str] | None = None,
        rest: float = REST,
    ) -> None:
        self._screened = screened
        self._rest = rest
        self._ended = threading.Event()
        nice = shutil.which("nice")
        self._command = command or (
            *((nice, "-n", "19") if nice else ()),
            sys.executable,
            "-m",
            "firstmile",
            *("study", "screen", str(folder), "--order-only", "--quiet"),
        )
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._known = 0
        self.times = 0

    def __enter__(self) -> "Reordering":
        self._known = self._screened()
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join(10)

    def _watch(self) -> None:
        pause = self._rest
        while not self._ended.wait(pause):
            pause = self._rest
            now = self._screened()
            if now < self._known + DECISIONS:
                continue
            began = time.monotonic()
            if self._order():
                self._known = now
                self.times += 1
            pause = max(self._rest, self._rest * (time.monotonic() - began))

    def _order(self) -> bool:
        """Run the command to its end, or end it with the server; return whether it did its work.

        It fails where another process holds the study, and is then tried again.
        """
        with contextlib.suppress(OSError):
            process = subprocess.Popen(  # noqa: S603 - our own command line
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            while process.poll() is None:
                if self._ended.wait(0.1):
                    process.kill()
            return process.wait() == 0
        return False
