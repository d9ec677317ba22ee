"""Running a command through pipes alone, for systems without terminals and signals of Unix."""

import contextlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import IO

from firstmile.rendering.inert import visible
from firstmile.run.capture import Capture
from firstmile.run.ending import NOT_FOUND, NOT_RUNNABLE, Ending
from firstmile.run.outcome import NotStartedError, Run


def run_with_pipes(command: Sequence[str]) -> Run:
    """Run a command with our standard input; Ctrl-C reaches it as it reaches us."""
    capture = Capture()
    began = time.monotonic()
    interrupted: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: interrupted.append(number))
    try:
        process = subprocess.Popen(  # noqa: S603 - the command that was asked for
            list(command), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    except FileNotFoundError as error:
        raise NotStartedError(f"{visible(command[0])} was not found.", NOT_FOUND) from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise NotStartedError(
            f"{visible(command[0])} cannot be run: {reason}.", NOT_RUNNABLE
        ) from error
    else:
        with process:
            threads = [
                threading.Thread(target=_copy, args=(capture, number, source, target), daemon=True)
                for number, source, target in (
                    (1, process.stdout, sys.stdout.buffer),
                    (2, process.stderr, sys.stderr.buffer),
                )
                if source is not None
            ]
            for thread in threads:
                thread.start()
            code = process.wait()
            for thread in threads:
                thread.join()
    finally:
        signal.signal(signal.SIGINT, before)
    return Run(
        command=tuple(command),
        ending=Ending.of(code),
        seconds=time.monotonic() - began,
        text=capture.text(),
        stopped_by_request=bool(interrupted),
    )


def _copy(capture: Capture, number: int, source: IO[bytes], target: IO[bytes]) -> None:
    with contextlib.suppress(OSError):
        while data := source.read1(65_536) if hasattr(source, "read1") else source.read(1):
            capture.add(number, data)
            target.write(data)
            target.flush()
