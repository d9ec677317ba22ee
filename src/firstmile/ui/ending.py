"""How a process ends: at once where all is said, and not before what it was doing is written."""

import atexit
import contextlib
import gc
import os
import signal
import sys
from collections.abc import Iterator
from types import FrameType


class Ending:
    """The end of a process of ours, which takes apart nothing that goes with the process.

    Python looks through all that was made as it ends, and lets go of it piece by piece: a tenth
    of what a check of a large model takes.
    """

    def __init__(self) -> None:
        """Come last of all that is registered to be done at the end.

        Where something was registered before us, which would come after, it is not left out.
        """
        self.status: int | None = None
        """The status to end with, once it is known; without one Python ends the process itself."""
        self._is_last = not getattr(atexit, "_ncallbacks", lambda: 1)()
        atexit.register(self._end)

    def _end(self) -> None:
        gc.freeze()
        if self.status is None or not self._is_last:
            return
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except (AttributeError, OSError, ValueError):
            return
        os._exit(self.status)


@contextlib.contextmanager
def ending_as_ctrl_c() -> Iterator[None]:
    """Let a hang-up or a request to end act as Ctrl-C does, so that what runs can be settled."""
    wanted = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {each: signal.signal(each, _interrupt) for each in wanted}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
