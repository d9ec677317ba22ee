"""Commands as they would be typed, and the readers that tell what is intended by them."""

import importlib
import pkgutil
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cache
from typing import Any, Protocol, cast

from firstmile.check.intent import Intent

ReadText = Callable[[str], str | None]
"""Returns the text of a file that a command names, or None where it cannot be read."""


def _nothing(path: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command by its words, with the variables that are set for it.

    `read_text` reads files that it names, such as a DeepSpeed JSON: readers open none themselves.
    """

    words: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    read_text: ReadText = _nothing

    @property
    def program(self) -> str:
        """The name of what is started, without its folder: `vllm`, `python`."""
        name = self.words[0].replace("\\", "/").rpartition("/")[2] if self.words else ""
        return name.removesuffix(".exe")

    @property
    def module(self) -> str | None:
        """The module that `python -m` starts, or None."""
        if self.program.startswith("python") and self.words[1:2] == ("-m",):
            return self.words[2] if len(self.words) > 2 else None
        return None

    @property
    def script(self) -> str | None:
        """The script that `python` starts, or None."""
        if self.program.startswith("python") and len(self.words) > 1:
            return self.words[1] if self.words[1].endswith(".py") else None
        return None

    def after(self, count: int) -> "Command":
        """Return what is left after so many words, with the same variables and files."""
        return replace(self, words=self.words[count:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A command line, and what of the intent its reader must tell (`expects`: path and value)."""

    command: str
    expects: Mapping[str, Any]
    files: Mapping[str, str] = field(default_factory=dict)


class Reader(Protocol):
    """A module of `commands/`. Its docstring names the commands that it reads.

    `reads` tells whether a command is one of its own; `read` returns the intent. A launcher
    hands the command that it starts to `read_command`, and joins both by `joined`.
    """

    __name__: str
    __doc__: str | None
    reads: Callable[[Command], bool]
    read: Callable[[Command], Intent]
    examples: Callable[[], Iterable[Reading]]


@cache
def find_readers() -> tuple[Reader, ...]:
    """Return all readers in order of their file names."""
    package = importlib.import_module("firstmile.check.commands")
    path: Any = package.__path__
    names = sorted(item.name for item in pkgutil.iter_modules(path))
    return tuple(
        cast("Reader", importlib.import_module(f"{package.__name__}.{name}")) for name in names
    )


def read_command(command: Command) -> Intent | None:
    """Return what a command intends, or None where no reader knows it.

    Assignments before it (`CUDA_VISIBLE_DEVICES=0 vllm serve`) become its variables.
    """
    command = _without_assignments(command)
    for reader in find_readers():
        if command.words and reader.reads(command):
            intent = reader.read(command)
            said = shlex.join(command.words)
            variables = {**command.variables, **intent.variables}
            devices = intent.devices if intent.devices is not None else _devices(variables)
            return replace(
                intent, command=intent.command or said, variables=variables, devices=devices
            )
    return None


def _without_assignments(command: Command) -> Command:
    variables = dict(command.variables)
    words = list(command.words)
    while words and (words[0] == "env" or _is_assignment(words[0])):
        name, equals, value = words.pop(0).partition("=")
        if equals:
            variables[name] = value
    return replace(command, words=tuple(words), variables=variables)


def _is_assignment(word: str) -> bool:
    name, equals, _ = word.partition("=")
    return bool(equals) and name.isidentifier()


def _devices(variables: Mapping[str, str]) -> tuple[int, ...] | None:
    """Return the devices that variables leave visible; None where they do not say numbers."""
    for name in ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"):
        if name in variables:
            parts = [part.strip() for part in variables[name].split(",") if part.strip()]
            if all(part.isdigit() for part in parts):
                return tuple(int(part) for part in parts)
    return None


def joined(outer: Intent, inner: Intent) -> Intent:
    """Return an inner intent with what the outer says added where the inner says nothing."""
    return cast("Intent", _filled(inner, outer))


def _filled(first: Any, second: Any) -> Any:
    changed: dict[str, Any] = {}
    for each in fields(first):
        mine, other = getattr(first, each.name), getattr(second, each.name)
        if is_dataclass(mine) and is_dataclass(other) and not isinstance(mine, type):
            changed[each.name] = _filled(mine, other)
        elif each.name in ("arguments", "unread"):
            changed[each.name] = (*other, *mine)
        elif each.name == "variables":
            changed[each.name] = {**other, **mine}
        elif mine is None or mine == () or mine == {}:
            changed[each.name] = other
    return replace(first, **changed)


def words_of(text: str) -> Sequence[str]:
    """Return the words of a command line as a shell parts them."""
    return shlex.split(text)
