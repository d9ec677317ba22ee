"""A machine to read: where its files are, its environment variables, and its commands."""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

LARGEST: Final = 1024 * 1024
"""Bytes that are read of a file; what matters stands in files far below that."""

PATIENCE_SECONDS: Final = 5.0
"""How long a command may take from its start; a tool of a broken driver never ends."""

_END_SECONDS: Final = 0.5


class UnreadableError(Exception):
    """A part could not be read; the message is the reason, in a few words."""


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """The machine this runs on, unless a folder that looks like one is named."""

    root: Path = Path("/")
    platform: str = sys.platform
    variables: Mapping[str, str] = msgspec.field(default_factory=lambda: os.environ)
    patience_seconds: float = PATIENCE_SECONDS

    def at(self, path: str) -> Path:
        """Return where a path of the machine lies."""
        return self.root / path.lstrip("/")

    def read(self, path: str) -> str:
        """Return a file's text; raises UnreadableError with the system's reason."""
        try:
            with self.at(path).open("rb") as file:
                return file.read(LARGEST).decode("utf-8", "replace")
        except OSError as error:
            raise UnreadableError(f"{path}: {reason_of(error)}") from error

    def read_if_there(self, path: str) -> str | None:
        """Return a file's text, or None where it cannot be read."""
        try:
            return self.read(path)
        except UnreadableError:
            return None

    def program(self, name: str) -> str | None:
        """Return where a command is on the machine's PATH, or None."""
        return shutil.which(name, path=self.variables.get("PATH", os.defpath))

    def start(self, name: str, *arguments: str) -> "Answer | None":
        """Start a command and return at once; None where there is no such command."""
        program = self.program(name)
        return None if program is None else Answer([program, *arguments], self)


class Answer:
    """A command that runs beside us, and what it says in the end."""

    def __init__(self, command: Sequence[str], machine: Machine) -> None:
        self._name = Path(command[0]).name
        self._began = time.monotonic()
        self._patience = machine.patience_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._failed = ""
        try:
            self._process = subprocess.Popen(  # noqa: S603 - tools of the machine, no shell
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**machine.variables, "LC_ALL": "C"},
            )
        except OSError as error:
            self._failed = reason_of(error)

    def text(self) -> str:
        """Return what it printed; raises UnreadableError where it failed or took too long."""
        if self._process is None:
            raise UnreadableError(f"{self._name}: {self._failed}")
        process = self._process
        left = self._began + self._patience - time.monotonic()
        try:
            output, _ = process.communicate(timeout=max(left, 0.0))
        except subprocess.TimeoutExpired as error:
            self._give_up(process)
            raise UnreadableError(
                f"{self._name} did not answer within {self._patience:g} s"
            ) from error
        text = output[:LARGEST].decode("utf-8", "replace")
        if process.returncode != 0:
            said = text.strip().splitlines()
            last = f": {said[-1][:200]}" if said else ""
            raise UnreadableError(f"{self._name} ended with status {process.returncode}{last}")
        return text

    def _give_up(self, process: subprocess.Popen[bytes]) -> None:
        """End it, without waiting for one that a broken driver does not let end."""
        process.kill()
        if process.stdout is not None:
            process.stdout.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_END_SECONDS)


def reason_of(error: OSError) -> str:
    """Return an error's reason as a person says it."""
    return (error.strerror or str(error)).lower()
