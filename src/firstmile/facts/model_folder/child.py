"""A program of ours in a process of its own, with limits: for what a model folder brings along.

Tokenizer files and templates come from strangers. The library or engine that they are made for
runs in a child that may use only so much time and memory, may write no file, and whose answer
is cut; what it had said when it was ended is kept.
"""

import contextlib
import subprocess
import sys
import threading
from typing import Final

import msgspec

MIB: Final = 1024 * 1024
_AFTERWARDS_SECONDS: Final = 1.0


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a child may use. `answer_bytes` is how much it may say."""

    wall_seconds: float
    cpu_seconds: int
    memory_bytes: int
    answer_bytes: int


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What a child said, and why it was ended, or None where it ended by itself."""

    said: bytes
    ended: str | None


class Child:
    """A module of ours that runs beside us on a question."""

    def __init__(self, module: str, question: bytes, limits: Limits) -> None:
        """Start it. Its limits are the first thing that it reads."""
        self._limits = limits
        self._process = subprocess.Popen(  # noqa: S603 - our own module, no shell
            [sys.executable, "-P", "-m", module, str(limits.cpu_seconds), str(limits.memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._late = False
        self._timer = threading.Timer(limits.wall_seconds, self._give_up)
        self._timer.daemon = True
        self._timer.start()
        self._asking = threading.Thread(target=self._ask, args=(question,), daemon=True)
        self._asking.start()

    def reply(self) -> Reply:
        """Wait for it, and return what it said."""
        process = self._process
        said = process.stdout.read(self._limits.answer_bytes + 1) if process.stdout else b""
        too_much = len(said) > self._limits.answer_bytes
        if too_much:
            process.kill()
        if process.stdout is not None:
            process.stdout.close()
        try:
            status = process.wait(_AFTERWARDS_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
        self._timer.cancel()
        self._asking.join(_AFTERWARDS_SECONDS)
        return Reply(
            said=said[: self._limits.answer_bytes], ended=self._why(status, too_much=too_much)
        )

    def _why(self, status: int, *, too_much: bool) -> str | None:
        if too_much:
            return f"it answered more than {self._limits.answer_bytes // MIB} MiB"
        if self._late:
            return f"it took more than {self._limits.wall_seconds:g} s"
        if status == 0:
            return None
        if -status in _OF_TIME:
            return f"it took more than {self._limits.cpu_seconds} s of computing"
        memory = f"{self._limits.memory_bytes // MIB:,} MiB"
        return f"its process ended with status {status}, within {memory} of memory"

    def _ask(self, question: bytes) -> None:
        with contextlib.suppress(OSError, ValueError):
            if self._process.stdin is not None:
                self._process.stdin.write(question)
                self._process.stdin.close()

    def _give_up(self) -> None:
        self._late = True
        self._process.kill()


_OF_TIME: Final = (9, 24)
"""Signals that end a process at its limit of computing time: SIGKILL, SIGXCPU."""
