"""Commands as they would be typed, and the readers that tell what is intended by them."""

import importlib
import pkgutil
import re
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, Protocol, cast

import msgspec
from msgspec.structs import replace

from firstmile.check.allowance import Allowance
from firstmile.check.intent import Intent, NamedFile
from firstmile.check.limits import numbers_set_apart
from firstmile.check.named_files import named_file
from firstmile.check.places import placed, relocated
from firstmile.check.unknown_words import shown

ReadText = Callable[[str], str | None]
"""Returns the text of a file that a command names, or None where it cannot be read."""
ReadStart = Callable[[str, int], bytes | None]
"""Returns at most so many bytes from the start of a file, or None where it cannot be read."""
ListFolder = Callable[[str], Sequence[str] | None]
"""Returns the names in a folder, none where there is no folder, None where nobody looked."""

_WITH_A_VALUE: Final = ("-W", "-X", "--check-hash-based-pycs")
"""Options of Python that take the next word."""
DEEPEST: Final = 8
"""Commands that start commands that start commands."""
MOST_ARGUMENTS: Final = 400
"""Words behind a program that are kept."""
_STARTING: Final = ("torchrun", "accelerate", "deepspeed")
_LAUNCHERS: Final = {
    "accelerate": "accelerate",
    "accelerate-launch": "accelerate",
    "torchrun": "torchrun",
    "deepspeed": "deepspeed",
    "trl": "trl",
    "axolotl": "axolotl",
    "llamafactory-cli": "llama-factory",
    "lmf": "llama-factory",
    "torch.distributed.run": "torchrun",
    "torch.distributed.launch": "torchrun",
    "accelerate.commands.launch": "accelerate",
    "accelerate.commands.accelerate_cli": "accelerate",
    "deepspeed.launcher.runner": "deepspeed",
}
"""Programs and modules that start the processes of a run."""
OF_DEVICES: Final = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES")
"""Variables that leave devices visible."""


def _nothing(path: str) -> str | None:
    return None


def _no_start(path: str, most: int) -> bytes | None:
    return None


def _no_names(path: str) -> Sequence[str] | None:
    return None


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """A command by its words, with the variables that are set for it.

    `read_text` reads files that it names, such as a DeepSpeed JSON, and `read_start` the
    beginning of data files: readers open none themselves. `list_folder` tells what lies beside
    one that is not there. `level` counts the commands that start this one.
    """

    words: tuple[str, ...]
    variables: Mapping[str, str] = msgspec.field(default_factory=dict)
    read_text: ReadText = _nothing
    read_start: ReadStart = _no_start
    list_folder: ListFolder = _no_names
    level: int = 0
    _allowance: Allowance = msgspec.field(default_factory=Allowance)

    @property
    def looks_into_files(self) -> bool:
        """Whether anybody looks into the files that it names."""
        return self.read_start is not _no_start

    @property
    def program(self) -> str:
        """The name of what is started, without its folder: `vllm`, `python`."""
        name = self.words[0].replace("\\", "/").rpartition("/")[2] if self.words else ""
        return name.removesuffix(".exe")

    @property
    def module(self) -> str | None:
        """The module that `python -m` starts, or None."""
        place = self._python_starts
        if place is not None and self.words[place] == "-m" and len(self.words) > place + 1:
            return self.words[place + 1]
        return None

    @property
    def script(self) -> str | None:
        """The script that `python` starts, or None."""
        place = self._python_starts
        if place is not None and self.words[place].endswith(".py"):
            return self.words[place]
        return None

    @property
    def arguments(self) -> "Command":
        """What is left after the program, or after the module or script that Python starts."""
        place = self._python_starts
        if place is None:
            return self.after(1)
        return self.after(place + (2 if self.words[place] == "-m" else 1))

    @property
    def _python_starts(self) -> int | None:
        """The place of Python's `-m`, or of the script, behind Python's own options."""
        if not re.fullmatch(r"(?:python|pypy)[0-9.]*w?", self.program):
            return None
        place = 1
        while place < len(self.words):
            word = self.words[place]
            if word == "-m" or not word.startswith("-"):
                return place
            place += 2 if word in _WITH_A_VALUE else 1
        return None

    def after(self, count: int) -> "Command":
        """Return what is left after so many words, with the same variables and files."""
        return replace(self, words=self.words[count:])

    def reading_at(self, where: Callable[[str], str | None]) -> "Command":
        """Return it with files that are read where a path leads to; None is nowhere."""
        read_text, read_start = self.read_text, self.read_start

        def text(path: str) -> str | None:
            place = where(path)
            return None if place is None else read_text(place)

        def start(path: str, most: int) -> bytes | None:
            place = where(path)
            return None if place is None else read_start(place, most)

        def names(path: str) -> Sequence[str] | None:
            place = where(path)
            return None if place is None else self.list_folder(place)

        found = replace(self, read_text=text, list_folder=names)
        return replace(found, read_start=start) if self.looks_into_files else found

    def file(self, path: str) -> tuple[NamedFile, ...]:
        """Return a file that it names; nothing where it is not known whether it is there."""
        return named_file(path, self.read_start, self.list_folder)

    def within(self, folder: str) -> "Command":
        """Return the command as it is started in a folder: relative paths lead from there.

        Where that folder is not on this machine nobody knows what lies in it.
        """
        found = self.reading_at(lambda path: placed(path, folder))
        if not folder:
            return found

        def names(path: str) -> Sequence[str] | None:
            return found.list_folder(path) if self.list_folder(folder) else None

        return replace(found, list_folder=names)

    def starting(
        self, words: Sequence[str], variables: Mapping[str, str] | None = None
    ) -> "Command":
        """Return a command that this one starts, with more variables."""
        return replace(
            self,
            words=tuple(words),
            variables={**self.variables, **(variables or {})},
            level=self.level + 1,
        )


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A command line, and what of the intent its reader must tell (`expects`: path and value)."""

    command: str
    expects: Mapping[str, Any]
    files: Mapping[str, str] = msgspec.field(default_factory=dict)

    @property
    def typed(self) -> Command:
        """The command with its files, as it would be typed."""

        def start(path: str, most: int) -> bytes | None:
            text = self.files.get(path)
            return None if text is None else text.encode()[:most]

        return Command(
            words=tuple(words_of(self.command)), read_text=self.files.get, read_start=start
        )


class Reader(Protocol):
    """A module of `commands/`. Its docstring names the commands that it reads.

    `reads` tells whether a command is one of its own; `read` returns the intent. A launcher
    hands the command that it starts to `read_started`, and joins both by `joined`.
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
    said = shlex.join(command.words)
    command, folder = _without_assignments(command)
    typed, command = command, command.within(folder) if folder else command
    if not command.words or command.level > DEEPEST or command._allowance.left <= 0:
        return None
    command._allowance.left -= 1
    for reader in find_readers():
        if reader.reads(command):
            intent = relocated(_started(reader.read(command), command), folder, typed)
            container = intent.container
            isolated = container is not None and not container.keeps_variables
            outside = {} if isolated else command.variables
            variables = {**outside, **intent.variables}
            devices = intent.devices if intent.devices is not None else devices_of(variables)
            whole = replace(intent, command=said, variables=variables, devices=devices)
            return numbers_set_apart(whole)
    return None


def read_started(command: Command) -> Intent:
    """Return what a command intends that another one starts; one that nobody knows is unread."""
    intent = read_command(command)
    if intent is not None:
        return intent
    words = shown(shlex.join(command.words))
    return Intent(unread=(f"{words} (no command that is known)",) if words else ())


def read_launched(command: Command, rest: Sequence[str], *, plain: bool, module: bool) -> Intent:
    """Return what a launcher of processes starts: a script, a module, or a program as it is.

    `plain` is its --no-python, `module` its --module.
    """
    before: tuple[str, ...] = () if plain else ("python", "-m") if module else ("python",)
    return read_started(command.starting((*before, *rest) if rest else ()))


def _started(intent: Intent, command: Command) -> Intent:
    """Return an intent with what its command starts: of commands within commands the innermost.

    The launcher is the outermost one.
    """
    python = command.script or command.module
    named = _LAUNCHERS.get(command.program) or _LAUNCHERS.get(command.module or "")
    launcher = named or ("python" if python is not None else None)
    is_last = named not in _STARTING and (python is not None or intent.engine is not None)
    within = intent.program is not None or intent.launcher is not None
    if launcher is not None:
        intent = replace(intent, launcher=launcher)
    if intent.interpreter is None and (launcher is not None or intent.engine is not None):
        intent = replace(intent, interpreter=_environment_of(command.words[0]))
    if within or not is_last:
        return intent
    return replace(
        intent,
        files=(*(command.file(command.script) if command.script else ()), *intent.files),
        program=command.program,
        script=python,
        script_arguments=command.arguments.words[:MOST_ARGUMENTS],
    )


def _environment_of(word: str) -> str | None:
    """Return the folder of the environment in whose `bin` a program is named."""
    folder, _, last = word.replace("\\", "/").rpartition("/")[0].rpartition("/")
    return folder or None if last in ("bin", "Scripts") else None


def _without_assignments(command: Command) -> tuple[Command, str]:
    """Return what is left after assignments and `env`, and the folder that it changes to."""
    folder = ""
    variables = dict(command.variables)
    words = list(command.words)
    env = False
    while words:
        if program_of(words[0]) == "env":
            env = True
            words.pop(0)
        elif is_assignment(words[0]):
            name, _, value = words.pop(0).partition("=")
            variables[name] = value
        elif env and words[0] in ("-i", "-", "--ignore-environment"):
            variables.clear()
            words.pop(0)
        elif env and words[0] in ("-u", "--unset") and len(words) > 1:
            variables.pop(words[1], None)
            del words[:2]
        elif env and words[0] in ("-C", "--chdir") and len(words) > 1:
            folder = words[1]
            del words[:2]
        elif env and words[0].startswith("--chdir="):
            folder = words.pop(0).partition("=")[2]
        elif env and words[0] in ("-S", "--split-string") and len(words) > 1:
            words[:2] = parted(words[1])
        else:
            break
    return replace(command, words=tuple(words), variables=variables), folder


def program_of(word: str) -> str:
    """Return a program's name without its folder."""
    return word.replace("\\", "/").rpartition("/")[2]


def is_assignment(word: str) -> bool:
    """Tell a word that sets a variable: `NAME=value`."""
    name, equals, _ = word.partition("=")
    return bool(equals) and name.isidentifier()


def devices_of(variables: Mapping[str, str]) -> tuple[int, ...] | None:
    """Return the devices that variables leave visible; None where they do not say numbers."""
    said = next((variables[name] for name in OF_DEVICES if name in variables), None)
    return None if said is None else numbers_of_devices(said)


def numbers_of_devices(said: str) -> tuple[int, ...] | None:
    """Return the devices that CUDA_VISIBLE_DEVICES names, up to the first that cannot be one.

    "-1" hides all (CUDA C++ Programming Guide, CUDA environment variables).
    """
    before, sign, _ = said.replace(" ", "").partition("-1")
    is_whole = not sign or not before or before.endswith(",")
    return numbers_of(before) if is_whole else None


def numbers_of(text: str) -> tuple[int, ...] | None:
    """Return the whole numbers of a text such as "0,2"; None where it says something else."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if all(re.fullmatch(r"[0-9]{1,6}", part) for part in parts):
        return tuple(int(part) for part in parts)
    return None


def joined(outer: Intent, inner: Intent) -> Intent:
    """Return an inner intent with what the outer says added where the inner says nothing."""
    return cast("Intent", _filled(inner, outer))


def _filled(first: Any, second: Any) -> Any:
    changed: dict[str, Any] = {}
    for name in first.__struct_fields__:
        mine, other = getattr(first, name), getattr(second, name)
        if isinstance(mine, msgspec.Struct) and isinstance(other, msgspec.Struct):
            changed[name] = _filled(mine, other)
        elif name in ("arguments", "files", "unread", "unknown", "impossible"):
            changed[name] = (*other, *mine)
        elif name == "variables":
            changed[name] = {**other, **mine}
        elif mine is None or mine == {} or (mine == () and name != "devices"):
            changed[name] = other
    return replace(first, **changed)


def words_of(text: str) -> Sequence[str]:
    """Return the words of a command line as a shell parts them; raises ValueError."""
    return shlex.split(text)


def parted(text: str) -> list[str]:
    """Return the words of a command line, by blanks alone where a shell could not part them."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
