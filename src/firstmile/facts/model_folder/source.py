"""A folder that is read with bounds: its files, a piece of one, and the text of a small one."""

import contextlib
import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from firstmile.facts.machine import UnreadableError, reason_of
from firstmile.facts.model_folder.folder import File

MOST_FILES: Final = 20_000
MOST_BELOW: Final = 5_000
"""Files of a folder at whose top none is a model's: a home, a disk."""
MOST_FOLDERS: Final = 5_000
MOST_LEVELS: Final = 6
_OF_THE_KERNEL: Final = ("proc", "sys", "dev", "run")
"""Folders of the root whose files are on no disk."""
_NOT_PLAIN: Final = "it is not a plain file of this folder"
_OF_A_MODEL: Final = re.compile(
    r"\.(?:safetensors|bin|gguf|pt|pth|ckpt|pkl|model|jinja)\Z|\AModelfile"
    r"|(?:config|params|index|tokenizer\w{0,40})\.json\Z"
)
_PART: Final = re.compile(r"(.{1,200})-\d{5}-of-(\d{5})\.(gguf|safetensors)")
"""One of several files that are one model, as llama.cpp and transformers name them."""

_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
_IN_PLACE_OF_A_FILE: Final = {
    "pointer": "a pointer of Git LFS",
    "html": "a web page",
    "empty": "empty",
}


def require_readable(
    file: File, *, may_be_empty: bool = False, others: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Raise UnreadableError for what is no plain file, and for what stands in place of one.

    `others` are further things that a file may look like and must not be, in words.
    """
    if file.kind not in ("file", "link"):
        raise UnreadableError(_NOT_PLAIN)
    words = others.get(file.looks) or _IN_PLACE_OF_A_FILE.get(file.looks)
    if words is not None and not (may_be_empty and file.looks == "empty"):
        raise UnreadableError(f"it is {words}")


class Source:
    """A model folder on disk. Every read is bounded; links that leave it are not followed.

    A link into the `blobs` of the Hub cache that the folder belongs to is inside, and so is the
    single file that was named, wherever it leads.
    """

    def __init__(self, root: Path) -> None:
        """Take the folder, or the single file that is the model."""
        self.root = root
        self.cut = False
        """Whether there are more files, or deeper folders, than were listed."""
        self._folders = 0
        self._single = root.is_file()
        base = root.parent if self._single else root
        self.base = base.resolve()
        self._before = f"{self.base}{os.sep}"
        self._is_root = self.base == self.base.parent
        named = (root.resolve(),) if self._single else ()
        self._inside = (self.base, *_cache_of(self.base), *named)

    def paths(self) -> tuple[str, ...]:
        """Return the paths of files within the folder, in order, hidden folders left out.

        Beside a single file that is one part of several stand the others.
        """
        if self._single:
            return self._parts(self.root.name)
        found: list[str] = []
        self._folders = 0
        most = MOST_FILES
        is_top = True
        for path in self._below("", 0):
            if is_top and "/" in path:
                is_top = False
                if not any(map(_OF_A_MODEL.search, found)):
                    most = min(MOST_BELOW, MOST_FILES)
            if len(found) >= most:
                self.cut = True
                break
            found.append(path)
        return tuple(sorted(found))

    def listed(self) -> tuple[File, ...] | None:
        """Return the files where what stands for the folder knows them unread; else None."""
        return None

    def _parts(self, name: str) -> tuple[str, ...]:
        part = _PART.fullmatch(name)
        if part is None:
            return (name,)
        pattern = re.compile(rf"{re.escape(part[1])}-\d{{5}}-of-{part[2]}\.{part[3]}")
        with os.scandir(self.base) as entries:
            found = {entry.name for entry in entries if pattern.fullmatch(entry.name)}
        return tuple(sorted(found | {name}))[:MOST_FILES]

    def _below(self, folder: str, level: int) -> Iterator[str]:
        """Yield the files of a folder before those of the folders in it, which may be too many."""
        inner: list[str] = []
        try:
            with os.scandir(self.base / folder) as entries:
                for entry in entries:
                    if entry.name in _OF_THE_KERNEL and not folder and self._is_root:
                        continue
                    path = f"{folder}/{entry.name}" if folder else entry.name
                    if not entry.is_dir(follow_symlinks=False):
                        yield path
                    elif entry.name.startswith("."):
                        continue
                    elif level < MOST_LEVELS and self._folders < MOST_FOLDERS:
                        self._folders += 1
                        inner.append(path)
                    else:
                        self.cut = True
        except OSError as error:
            if not folder:
                raise UnreadableError(reason_of(error)) from error
        for path in inner:
            yield from self._below(path, level + 1)

    def kind(self, path: str) -> str:
        """Return "file", "link", "outside", "dangling" or "special"."""
        try:
            mode = os.lstat(self._before + path).st_mode
            if stat.S_ISREG(mode):
                return "file"
            place = self.base / path
            if not stat.S_ISLNK(mode) or not stat.S_ISREG(place.stat().st_mode):
                return "special"
            real = place.resolve()
        except (OSError, RuntimeError, ValueError):
            return "dangling"
        return "link" if any(real.is_relative_to(each) for each in self._inside) else "outside"

    def glance(self, path: str) -> tuple[str, int]:
        """Return a file's kind and size, by one look where it is a plain one; it is not opened."""
        try:
            found = os.lstat(self._before + path)
            if stat.S_ISREG(found.st_mode):
                return "file", found.st_size
            kind = self.kind(path)
            return kind, (self.base / path).stat().st_size if kind == "link" else 0
        except OSError:
            return "dangling", 0

    def size(self, path: str) -> int:
        """Return a file's size in bytes; raises UnreadableError."""
        try:
            return (self.base / path).stat().st_size
        except OSError as error:
            raise UnreadableError(reason_of(error)) from error

    def readable(self, path: str) -> bool:
        """Say whether a path may be opened: a plain file, here or in the cache it belongs to."""
        return self.kind(path) in ("file", "link")

    def real_name(self, path: str) -> str:
        """Return the name of the file that a link leads to."""
        return (self.base / path).resolve().name

    def revision(self) -> str | None:
        """Name repository and revision of a folder of the Hub cache (`models--owner--name`)."""
        if self.base.parent.name != "snapshots":
            return None
        kind, _, name = self.base.parent.parent.name.partition("--")
        return f"{name.replace('--', '/')} at {self.base.name}" if kind == "models" else None

    @contextlib.contextmanager
    def handle(self, path: str) -> Iterator[int]:
        """Open a plain file and yield its descriptor; raises UnreadableError.

        It is opened without waiting, and looked at again once it is open: a name that became a
        pipe, a device or a link meanwhile is not read.
        """
        kind = self.kind(path)
        if kind not in ("file", "link"):
            raise UnreadableError(_NOT_PLAIN)
        try:
            place = (self.base / path).resolve() if kind == "link" else self._before + path
            opened = os.open(place, _FLAGS)
        except (OSError, RuntimeError) as error:
            reason = reason_of(error) if isinstance(error, OSError) else "a loop of links"
            raise UnreadableError(reason) from error
        try:
            if not stat.S_ISREG(os.fstat(opened).st_mode):
                raise UnreadableError(_NOT_PLAIN)
            yield opened
        finally:
            os.close(opened)

    def read(self, path: str, *, start: int = 0, length: int) -> bytes:
        """Return at most so many bytes of a plain file; raises UnreadableError."""
        with self.handle(path) as opened:
            try:
                return _read_at(opened, start, length)
            except OSError as error:
                raise UnreadableError(reason_of(error)) from error

    def beginning(self, path: str, length: int) -> tuple[int, bytes]:
        """Return a plain file's size and at most so many first bytes; raises UnreadableError."""
        with self.handle(path) as opened:
            try:
                return os.fstat(opened).st_size, _read_at(opened, 0, length)
            except OSError as error:
                raise UnreadableError(reason_of(error)) from error

    def text(self, path: str, *, most: int) -> str:
        """Return a file's text; raises UnreadableError where it is longer or not UTF-8."""
        data = self.read(path, length=most + 1)
        if len(data) > most:
            raise UnreadableError(f"it is longer than {most:,} bytes")
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise UnreadableError("it is not UTF-8 text") from error


def _read_at(handle: int, start: int, length: int) -> bytes:
    os.lseek(handle, start, os.SEEK_SET)
    parts = []
    while length > 0:
        part = os.read(handle, min(length, 1 << 24))
        if not part:
            break
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _cache_of(folder: Path) -> tuple[Path, ...]:
    """Return where a Hub cache keeps the files of this snapshot (`snapshots/<revision>`)."""
    if folder.parent.name != "snapshots":
        return ()
    return ((folder.parent.parent / "blobs").resolve(),)
