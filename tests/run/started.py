"""Starts programs for the tests, bare or under `firstmile run`, in pipes and on real terminals."""

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

SOURCE = Path(__file__).resolve().parents[2] / "src"

QUIETLY = (
    sys.executable,
    "-c",
    "import sys; from firstmile.run import run_command; from firstmile.run.ending import end_as;"
    " end_as(run_command(sys.argv[1:]).ending)",
)
"""The package alone: it adds nothing of its own to what the command writes."""

COMMAND = (
    sys.executable,
    "-c",
    "import typer; from firstmile.ui import run_command;"
    " app = typer.Typer(add_completion=False, pretty_exceptions_enable=False);"
    " app.command(context_settings=run_command.SETTINGS)(run_command.run); app()",
)
"""The command as a user has it."""

LONGEST_SECONDS = 30.0


def python(code: str) -> list[str]:
    """Return the command that runs some Python."""
    return [sys.executable, "-c", code]


def surroundings(**more: str) -> dict[str, str]:
    """Return environment variables for a program of the tests."""
    return {**os.environ, "PYTHONPATH": str(SOURCE), **more}


def piped(
    command: Sequence[str], *, given: bytes | None = None, **more: str
) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end with a pipe for each of its streams."""
    return subprocess.run(
        list(command),
        input=given,
        stdin=subprocess.DEVNULL if given is None else None,
        capture_output=True,
        timeout=LONGEST_SECONDS,
        check=False,
        env=surroundings(**more),
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """What a terminal was sent, and how the program ended."""

    returncode: int
    out: bytes


class OnTerminal:
    """A program in the foreground of a terminal of its own, as a shell starts it."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        error: int | None = None,
        out: int | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.outer, inner = pty.openpty()
        self.resize(24, 80)
        self.out = b""
        self.process = subprocess.Popen(
            list(command),
            stdin=inner,
            stdout=inner if out is None else out,
            stderr=inner if error is None else error,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env=surroundings(**(variables or {})),
        )
        os.close(inner)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        with contextlib.suppress(OSError):
            os.close(self.outer)

    def resize(self, rows: int, columns: int) -> None:
        """Give the terminal another size, as dragging its window does."""
        fcntl.ioctl(self.outer, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys: bytes) -> None:
        """Type on its keyboard."""
        os.write(self.outer, keys)

    def until(self, wanted: bytes) -> bytes:
        """Read until something was written; raises AssertionError when that takes too long."""
        began = time.monotonic()
        while wanted not in self.out:
            left = LONGEST_SECONDS - (time.monotonic() - began)
            assert left > 0, self.out
            if not self._read(left):
                break
        assert wanted in self.out, self.out
        return self.out

    def to_the_end(self) -> Shown:
        """Read what is still written and wait for the end."""
        while self._read(LONGEST_SECONDS):
            pass
        return Shown(self.process.wait(LONGEST_SECONDS), self.out)

    def _read(self, seconds: float) -> bool:
        if not select.select([self.outer], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.outer, 65_536)
        except OSError:
            return False
        self.out += data
        return bool(data)


def on_terminal(command: Sequence[str]) -> Shown:
    """Run a command to its end on a terminal."""
    with OnTerminal(command) as terminal:
        return terminal.to_the_end()


def gone(pid: int) -> bool:
    """Whether a process has ended."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    return True


def eventually(pid: int, *, seconds: float = 10.0) -> bool:
    """Wait for a process to end; whether it did."""
    began = time.monotonic()
    while not gone(pid):
        if time.monotonic() - began > seconds:
            return False
        time.sleep(0.02)
    return True
