"""`bash -c "..."`, `bash run.sh` and `./run.sh`: the first command in it that can be read.

Variables that the script sets, or that it exports, are put in their places; commands beside the
one that is read are named. A subshell keeps its folder and variables to itself. Loops, conditions
and functions are not followed. A file that is not there is told only where nothing before may make
it, or change to another folder.
"""

import posixpath
import re
import shlex
from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from firstmile.check.command import (
    Command,
    Reading,
    is_assignment,
    joined,
    read_command,
)
from firstmile.check.intent import Action, Intent, NamedFile
from firstmile.check.places import placed, relocated
from firstmile.check.shell_words import LONGEST_WORD, commands_of
from firstmile.check.unknown_words import shown

_SHELLS: Final = ("bash", "sh", "zsh", "dash", "ksh", "fish")
_NAMES: Final = (
    "cd pushd popd source . set ulimit module conda echo printf mkdir sleep trap wait true :"
    " shopt unset hostname date ls pwd exit fi done then else do nvidia-smi"
)
_SILENT: Final = frozenset(_NAMES.split())
"""Commands beside the one that is meant, of which nothing need be said."""
_OPENING: Final = ("source", ".")
"""Commands that may change folder and variables in ways that are not read."""
_MOST_SUBSHELLS: Final = 400
_VARIABLE: Final = re.compile(
    r"\$(?:([A-Za-z_][A-Za-z0-9_]{0,100}|[0-9@*])"
    r"|\{([A-Za-z_][A-Za-z0-9_]{0,100}|[0-9@*])(?::?-([^{}$]{0,1000}))?\})"
)
_FOLDER_OF: Final = re.compile(r"\$\(dirname (?:-- )?([^()]{1,1000})\)")
_UNREAD: Final = " (it cannot be read)"
_LARGEST: Final = 256 * 1024
_LONGEST_COMMAND: Final = 256 * 1024
"""Characters of all its words, once variables and arguments are put in their places."""


def reads(command: Command) -> bool:
    """Tell a shell, and a script of one."""
    return command.program in _SHELLS or command.program.endswith((".sh", ".bash"))


def read(command: Command) -> Intent:
    """Read the text of the script, or that of `-c`."""
    text, arguments, problem = _text(command)
    if text is None:
        return Intent(files=_file(command, problem), unread=(shown(problem),))
    variables = dict(command.variables)
    places = {str(place): word for place, word in enumerate(arguments)}
    used = {found[1] or found[2] for found in _VARIABLE.finditer(text)}
    unread = [
        shown(f"{word} (the script does not use it)")
        for place, word in enumerate(arguments)
        if place > 0 and str(place) not in used and not used & {"@", "*"}
    ]
    places["@"] = places["*"] = shlex.join(arguments[1:])
    best: Intent | None = None
    state = _State(variables=variables)
    for words in commands_of(text, unread, written=state.written, brackets=True):
        if state.moves(words, places):
            continue
        found = _one(command, words, state.variables, places, state.folder)
        if isinstance(found, str):
            unread.append(found)
        elif found is not None and best is None:
            best = found
            if state.is_open:
                best = replace(best, files=_there(best.files))
        elif found is not None:
            unread.append(shown(f"{found.command} (only the first command is read)"))
    if best is not None and unread:
        best = replace(best, files=_there(best.files))
    elif best is not None and state.written:
        known = {**state.variables, **places}
        written = tuple(_filled(each, known) for each in state.written)
        kept = (each for each in best.files if each.is_there or not _makes(written, each.path))
        best = replace(best, files=tuple(kept))
    return joined(Intent(unread=tuple(unread)), best or Intent())


class _State(msgspec.Struct):
    """What commands of a script change for those after them.

    `outer` are the folders and variables that hold again where a subshell ends, `pushed` the
    folders of pushd; `is_open` tells that a script changed what nobody read.
    """

    variables: dict[str, str]
    folder: str = ""
    written: list[str] = msgspec.field(default_factory=list)
    outer: list[tuple[str, dict[str, str]]] = msgspec.field(default_factory=list)
    pushed: list[str] = msgspec.field(default_factory=list)
    subshells: int = 0
    is_open: bool = False

    def moves(self, words: list[str], places: Mapping[str, str]) -> bool:
        """Follow a command that changes the folder; tell whether it is one that starts nothing."""
        name = words[0]
        if words == ["("] and self.subshells < _MOST_SUBSHELLS:
            self.subshells += 1
            self.outer.append((self.folder, dict(self.variables)))
        elif words == [")"] and self.outer:
            self.folder, self.variables = self.outer.pop()
        elif name in ("cd", "pushd"):
            if name == "pushd":
                self.pushed.append(self.folder)
            self.folder = _changed(self.folder, words, {**self.variables, **places})
        elif name == "popd" and self.pushed:
            self.folder = self.pushed.pop()
        elif name in _OPENING:
            self.is_open = True
        return words in (["("], [")"]) or name in ("cd", "pushd", "popd", *_OPENING)


def _there(files: tuple[NamedFile, ...]) -> tuple[NamedFile, ...]:
    """Return the files that are there: others may be made by what runs before."""
    return tuple(each for each in files if each.is_there)


def _makes(written: Sequence[str], path: str) -> bool:
    """Say whether a script may write the file: one of its name, or whose name is not known."""
    name = posixpath.basename(path)
    ending = posixpath.splitext(name)[1]
    return any(
        posixpath.splitext(each)[1] in ("", ending)
        if "$" in each or "`" in each
        else posixpath.basename(each) == name
        for each in written
    )


def _file(command: Command, problem: str) -> tuple[NamedFile, ...]:
    """Return a script that cannot be read; one without a folder may lie on the PATH."""
    path = problem.removesuffix(_UNREAD)
    by_path = command.program in _SHELLS or "/" in path
    return command.file(path) if path != problem and by_path else ()


def _text(command: Command) -> tuple[str | None, tuple[str, ...], str]:
    words = command.words
    if command.program not in _SHELLS:
        path, rest = words[0], words
    else:
        place = 1
        while place < len(words) and words[place].startswith("-"):
            if re.fullmatch(r"-[a-z]*c", words[place]):
                if place + 1 >= len(words):
                    return None, (), f"{command.program} -c (it needs a value)"
                if len(words[place + 1]) > _LARGEST:
                    return None, (), f"{command.program} -c (it is too long)"
                return words[place + 1], words[place + 2 :], ""
            place += 2 if words[place] in ("-o", "-O", "--rcfile", "--init-file") else 1
        if place >= len(words):
            return None, (), f"{command.program} (it starts nothing)"
        path, rest = words[place], words[place:]
    text = command.read_text(path)
    if text is None:
        return None, (), f"{path}{_UNREAD}"
    if len(text) > _LARGEST:
        return None, (), f"{path} (it is too long to be read)"
    return text, rest, ""


def _changed(folder: str, words: list[str], known: Mapping[str, str]) -> str:
    """Return the folder after a `cd`, as it lies to where the script was started."""
    named = [_filled(word, known) for word in words[1:] if not word.startswith("-")]
    if not named:
        return "~"
    asked = _FOLDER_OF.fullmatch(named[0])
    target = posixpath.dirname(asked[1].strip("\"'")) or "." if asked is not None else named[0]
    return posixpath.normpath(placed(target, folder))


def _one(
    command: Command,
    words: list[str],
    variables: dict[str, str],
    places: Mapping[str, str],
    folder: str,
) -> Intent | str | None:
    """Read one command of a script: its intent, what to say of it, or None."""
    if words[0] in ("export", "declare", "local", "readonly"):
        words = words[1:]
    filled = _filled_words(words, variables, places)
    if filled and all(is_assignment(word) for word in filled):
        for word in filled:
            name, _, value = word.partition("=")
            variables[name] = value
        return None
    if not filled:
        return None
    started = command.starting(filled, variables)
    found = read_command(started.within(folder))
    if found is not None:
        return relocated(found, folder, started)
    name = filled[0].rpartition("/")[2]
    if name in _SILENT or not name:
        return None
    return shown(f"{shlex.join(filled)} (no command that is known)")


def _filled_words(
    words: list[str], variables: Mapping[str, str], places: Mapping[str, str]
) -> list[str]:
    """Return words with variables and arguments in their places, as far as they may go.

    `places` holds "@" and "*" beside the arguments by their numbers.
    """
    known = ChainMap(dict(places), dict(variables))
    arguments = [places[str(place)] for place in range(1, len(places) - 2)]
    filled: list[str] = []
    left = _LONGEST_COMMAND
    for word in words:
        more = arguments if word in ("$@", "$*") else [_filled(word, known)]
        left -= sum(map(len, more)) + len(more)
        if left < 0:
            break
        filled += more
    return filled


def _filled(word: str, variables: Mapping[str, str]) -> str:
    parts: list[str] = []
    size = end = 0
    for found in _VARIABLE.finditer(word):
        text = variables.get(found[1] or found[2])
        if not text:
            text = found[3] if found[3] is not None else found[0] if text is None else ""
        parts += (word[end : found.start()], text)
        size += len(parts[-2]) + len(text)
        end = found.end()
        if size > LONGEST_WORD:
            break
    return "".join((*parts, word[end:]))[:LONGEST_WORD]


def examples() -> Iterator[Reading]:
    """Yield commands with what must be read from them."""
    yield Reading(
        command="sh scripts/sft.sh 4",
        files={
            "scripts/sft.sh": "#!/bin/bash\nset -e\nMODEL=./m  # the base\nN=${1:-8}\n"
            "pip install -U trl\n"
            "torchrun --nproc_per_node $N sft.py \\\n  --model_name_or_path ${MODEL} \\\n"
            "  --output_dir out/$NAME --bf16\n"
        },
        expects={
            "action": Action.FINE_TUNE,
            "model": "./m",
            "parallel.processes": 4,
            "training.output_folder": "out/$NAME",
            "training.bf16": True,
            "unread": ("pip install -U trl (no command that is known)",),
        },
    )
    yield Reading(
        command="bash -c 'cd /x && export CUDA_VISIBLE_DEVICES=0,1; vllm serve m -tp 2 > log 2>&1'",
        expects={"engine": "vllm", "parallel.tensor": 2, "devices": (0, 1), "unread": ()},
    )
    yield Reading(command="./gone.sh", expects={"unread": ("./gone.sh (it cannot be read)",)})
