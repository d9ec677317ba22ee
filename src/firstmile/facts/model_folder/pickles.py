"""Pickled checkpoints, disassembled and never loaded: what loading them would import.

A checkpoint of torch is a zip archive with one pickle in it (`archive/data.pkl`); before 1.6 it
was several pickles in a row, followed by the numbers. Opcodes are those of Python's `pickletools`,
whose table says what each takes from the stack and puts there.
"""

import pickletools
import struct
import zipfile
import zlib
from io import BufferedReader, FileIO
from typing import Any, BinaryIO, Final

import msgspec

from firstmile.facts.machine import UnreadableError
from firstmile.facts.model_folder.folder import PICKLE_ENDINGS, File, Pickle
from firstmile.facts.model_folder.source import Source, require_readable

LARGEST: Final = 16 * 1024 * 1024
"""Bytes of one pickle; that of a checkpoint holds names and shapes, no numbers."""
MOST_BYTES: Final = 64 * 1024 * 1024
MOST_OPCODES: Final = 2_000_000
"""Of one folder together, as the bytes are."""
MOST_PICKLES: Final = 16
MOST_ENTRIES: Final = 200_000
LARGEST_DIRECTORY: Final = 32 * 1024 * 1024
MOST_IMPORTS: Final = 500
MOST_ON_STACK: Final = 1_000_000
_SURELY: Final = ("pytorch_model", "adapter_model", "consolidated", "training_args")
_NO_PICKLES: Final = {
    "safetensors": "a file of safetensors under another name",
    "gguf": "a GGUF file under another name",
}
_COMPUTED: Final = "an import whose name is computed"


class _Mark:
    """What MARK leaves on the stack."""


_MARK: Final = _Mark()


class _Left(msgspec.Struct):
    """What may still be read of a folder's pickles."""

    size: int = MOST_BYTES
    opcodes: int = MOST_OPCODES


class _Found(msgspec.Struct):
    """What came of one file's pickles."""

    imports: dict[str, None] = msgspec.field(default_factory=dict)
    problems: dict[str, None] = msgspec.field(default_factory=dict)


def read_pickles(source: Source, files: tuple[File, ...]) -> tuple[Pickle, ...]:
    """Return what each pickled checkpoint of the top level would import."""
    left = _Left()
    found = []
    for file in files:
        if "/" not in file.path and _is_pickled(file):
            found.append(_read_pickle(source, file, left))
    return tuple(found)


def _is_pickled(file: File) -> bool:
    if not file.path.endswith(PICKLE_ENDINGS):
        return False
    if file.looks in ("zip", "pickle"):
        return True
    return file.path.startswith(_SURELY) or not file.path.endswith(".bin")


def _read_pickle(source: Source, file: File, left: _Left) -> Pickle:
    found = _Found()
    try:
        require_readable(file, others=_NO_PICKLES)
        if file.looks == "zip":
            with source.handle(file.path) as handle:
                _read_archive(handle, found, left)
        else:
            data = source.read(file.path, length=min(LARGEST, max(left.size, 0)))
            left.size -= len(data)
            _read_row(data, found, left, is_all=len(data) >= file.size_bytes)
    except UnreadableError as error:
        found.problems[str(error)] = None
    # zipfile has NotImplementedError for ways of packing that it does not know.
    except (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as error:
        reason = str(error) or type(error).__name__
        found.problems[f"it is no archive that can be read ({reason[:100]})"] = None
    except (struct.error, ValueError, OverflowError, RuntimeError, LookupError):
        found.problems["it is no archive that can be read"] = None
    return Pickle(
        path=file.path,
        size_bytes=file.size_bytes,
        imports=tuple(found.imports),
        problem="; ".join(found.problems) or None,
    )


def _read_archive(handle: int, found: _Found, left: _Left) -> None:
    """Read the pickles of a zip archive: the entries whose names end in `.pkl`."""
    with BufferedReader(FileIO(handle, closefd=False)) as stream:
        _require_small_directory(stream)
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
            pickles = [each for each in entries if each.filename.endswith((".pkl", ".pickle"))]
            if any(each.filename.endswith((".zip", ".pt", ".pth", ".bin")) for each in entries):
                found.problems["an archive within it was not looked into"] = None
            if not pickles:
                raise UnreadableError("it is an archive without a pickle")
            if len(pickles) > MOST_PICKLES:
                found.problems[f"of {len(pickles):,} pickles {MOST_PICKLES} were read"] = None
            for entry in pickles[:MOST_PICKLES]:
                if entry.flag_bits & 1:
                    found.problems["it is encrypted"] = None
                    continue
                with archive.open(entry) as opened:
                    data = opened.read(min(LARGEST, max(left.size, 0)) + 1)
                left.size -= len(data)
                if len(data) > LARGEST or left.size < 0:
                    found.problems["its pickle is too large to be read to the end"] = None
                _disassemble(data, 0, found, left)


def _require_small_directory(stream: BinaryIO) -> None:
    """Refuse an archive whose directory is too large, before anything of it is read.

    Source of the places: the end records of APPNOTE.TXT, 4.3.14 to 4.3.16.
    """
    size = stream.seek(0, 2)
    start = max(0, size - 65_557)
    stream.seek(start)
    tail = stream.read(65_557)
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) - place < 22:
        raise UnreadableError("it is an archive without an end, as after a broken download")
    entries, length = struct.unpack_from("<HI", tail, place + 10)
    wide = tail.rfind(b"PK\x06\x06", 0, place)
    if wide >= 0 and place - wide >= 56:
        wide_entries, wide_length = struct.unpack_from("<QQ", tail, wide + 32)
        entries, length = max(entries, wide_entries), max(length, wide_length)
        if entries == 0xFFFF or length == 0xFFFFFFFF:
            entries, length = wide_entries, wide_length
    elif entries == 0xFFFF or length == 0xFFFFFFFF:
        raise UnreadableError("its directory cannot be found")
    if entries > MOST_ENTRIES or length > LARGEST_DIRECTORY:
        raise UnreadableError(f"its directory states {entries:,} entries, {length:,} bytes")


def _read_row(data: bytes, found: _Found, left: _Left, *, is_all: bool) -> None:
    """Read pickles that stand one after the other, as torch wrote them before 1.6."""
    at = 0
    for count in range(MOST_PICKLES):
        if count and data[at : at + 1] != b"\x80":
            return
        end = _disassemble(data, at, found, left)
        if end is None:
            if not is_all:
                found.problems["it is too large to be read to the end"] = None
            return
        at = end


_Step = tuple[str, int, bool, int, int, bool]


def _steps() -> dict[int, _Step]:
    """Return what each opcode does.

    That is its name; how long its argument is (below zero: in so many bytes stands how long, or
    -100 for a line, -200 for two); whether it pops up to a mark, and how many below that; how
    many it pushes, and whether those are texts.
    """
    steps = {}
    stated = {
        pickletools.TAKEN_FROM_ARGUMENT1: -1,
        pickletools.TAKEN_FROM_ARGUMENT4: -4,
        pickletools.TAKEN_FROM_ARGUMENT4U: -4,
        pickletools.TAKEN_FROM_ARGUMENT8U: -8,
        pickletools.UP_TO_NEWLINE: -100,
    }
    for opcode in pickletools.opcodes:
        length = 0
        if opcode.arg is not None:
            length = stated.get(opcode.arg.n, opcode.arg.n)
            if opcode.arg.name == "stringnl_noescape_pair":
                length = -200
        is_text = any(
            each.name in ("str", "bytes_or_str", "unicode", "bytes") for each in opcode.stack_after
        )
        pops_to_mark = pickletools.markobject in opcode.stack_before
        above = opcode.stack_before
        pops = 0 if pops_to_mark else len(above)
        if pops_to_mark:
            pops = above.index(pickletools.markobject)
        pushes = len(opcode.stack_after)
        steps[ord(opcode.code)] = (opcode.name, length, pops_to_mark, pops, pushes, is_text)
    return steps


_STEPS: Final = _steps()


def _disassemble(data: bytes, at: int, found: _Found, left: _Left) -> int | None:
    """Follow one pickle's stack as far as names go; return where it ends, None where it breaks."""
    walk = _Walk(data, at, found)
    try:
        while left.opcodes > 0:
            left.opcodes -= 1
            if walk.step():
                return walk.at
    except (IndexError, ValueError, struct.error):
        found.problems[f"its pickle breaks off or is none (byte {walk.at:,})"] = None
        return None
    found.problems["its pickle has too many opcodes to be read to the end"] = None
    return None


class _Walk:
    """One pickle, its stack and its memo, in which all but texts is None."""

    def __init__(self, data: bytes, at: int, found: _Found) -> None:
        self.at = at
        self._data, self._found = data, found
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def step(self) -> bool:
        """Take one opcode; whether it was the last. Raises IndexError or ValueError."""
        step = _STEPS.get(self._data[self.at])
        if step is None:
            raise ValueError
        name, length, to_mark, pops, pushes, is_text = step
        self.at += 1
        argument = self._argument(length)
        stack = self._stack
        if name == "STOP":
            return True
        if name == "MARK":
            stack.append(_MARK)
        elif name in ("GLOBAL", "INST"):
            self._import(*argument.decode("utf-8", "replace").split("\n", 1))
            self._pop(to_mark=to_mark, count=pops)
            stack.append(None)
        elif name == "STACK_GLOBAL":
            attribute, module = stack.pop(), stack.pop()
            self._import(module, attribute)
            stack.append(None)
        elif name in ("EXT1", "EXT2", "EXT4"):
            number = int.from_bytes(argument, "little")
            self._import("copyreg", f"extension {number}")
            stack.append(None)
        elif name in ("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"):
            self._remember(name, argument)
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            stack.append(self._memo.get(_place(name, argument)))
        elif name == "DUP":
            stack.append(stack[-1])
        elif name == "POP":
            stack.pop()
        else:
            self._pop(to_mark=to_mark, count=pops)
            text = argument.decode("utf-8", "replace") if is_text and pushes else None
            stack += [_unquoted(name, text)] * pushes
        if len(stack) > MOST_ON_STACK or len(self._memo) > MOST_ON_STACK:
            raise ValueError
        return False

    def _argument(self, length: int) -> bytes:
        data = self._data
        if length <= -100:
            end = self.at
            for _ in range(length // -100):
                end = data.index(b"\n", end) + 1
            found = data[self.at : end - 1]
            self.at = end
            return found
        if length < 0:
            width = -length
            if self.at + width > len(data):
                raise IndexError
            length = int.from_bytes(data[self.at : self.at + width], "little")
            self.at += width
        if self.at + length > len(data):
            raise IndexError
        found = data[self.at : self.at + length]
        self.at += length
        return found

    def _pop(self, *, to_mark: bool, count: int) -> None:
        stack = self._stack
        if to_mark:
            while stack.pop() is not _MARK:
                pass
        if count:
            if len(stack) < count:
                raise IndexError
            del stack[-count:]

    def _remember(self, name: str, argument: bytes) -> None:
        place = len(self._memo) if name == "MEMOIZE" else _place(name, argument)
        self._memo[place] = self._stack[-1]

    def _import(self, module: Any, attribute: Any) -> None:
        if not isinstance(module, str) or not isinstance(attribute, str):
            self._found.problems[_COMPUTED] = None
            module = module if isinstance(module, str) else "?"
            attribute = attribute if isinstance(attribute, str) else "?"
        if len(self._found.imports) < MOST_IMPORTS:
            self._found.imports[f"{module[:200]}.{attribute[:200]}"] = None
        else:
            self._found.problems[f"only the first {MOST_IMPORTS} imports were kept"] = None


def _place(name: str, argument: bytes) -> int:
    """Return the place in the memo: a number in digits, or in bytes."""
    return int(argument) if name in ("PUT", "GET") else int.from_bytes(argument, "little")


def _unquoted(name: str, text: str | None) -> str | None:
    """Return a text without the quotes that the opcode STRING has around it."""
    return text.strip()[1:-1] if text is not None and name == "STRING" else text
