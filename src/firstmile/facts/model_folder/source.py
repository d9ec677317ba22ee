"""A folder that is read with bounds: its files, a piece of one, and the text of a small one."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from firstmile.facts.machine import UnreadableError, reason_of

MOST_FILES: Final = 20_000
MOST_LEVELS: Final = 6


class Source:
    """A model folder on disk. Every read is bounded; links that leave it are not followed.

    A link into the `blobs` of the Hub cache that the folder belongs to is inside.
    """

    def __init__(self, root: Path) -> None:
        """Take the folder, or the single file that is the model."""
        self.root = root
        self._single = root.is_file()
        base = root.parent if self._single else root
        self.base = base.resolve()
        self._inside = (self.base, *_cache_of(self.base))

    def paths(self) -> Iterator[str]:
        """Yield the paths of files within the folder, in order, hidden folders left out."""
        if self._single:
            yield self.root.name
            return
        yield from sorted(self._below("", 0))[:MOST_FILES]

    def _below(self, folder: str, level: int) -> Iterator[str]:
        count = 0
        try:
            with os.scandir(self.base / folder) as entries:
                for entry in entries:
                    count += 1
                    if count > MOST_FILES:
                        return
                    path = f"{folder}/{entry.name}" if folder else entry.name
                    if entry.is_dir(follow_symlinks=False):
                        if level < MOST_LEVELS and not entry.name.startswith("."):
                            yield from self._below(path, level + 1)
                    else:
                        yield path
        except OSError as error:
            if not folder:
                raise UnreadableError(reason_of(error)) from error

    def kind(self, path: str) -> str:
        """Return "file", "link", "outside", "dangling" or "special"."""
        place = self.base / path
        try:
            linked = place.is_symlink()
            mode = place.stat().st_mode
        except (OSError, RuntimeError):
            return "dangling"
        if not stat.S_ISREG(mode):
            return "special"
        if not linked:
            return "file"
        real = place.resolve()
        return "link" if any(real.is_relative_to(each) for each in self._inside) else "outside"

    def size(self, path: str) -> int:
        """Return a file's size in bytes; raises UnreadableError."""
        try:
            return (self.base / path).stat().st_size
        except OSError as error:
            raise UnreadableError(f"{path}: {reason_of(error)}") from error

    def readable(self, path: str) -> bool:
        """Say whether a path may be opened: a plain file, here or in the cache it belongs to."""
        return self.kind(path) in ("file", "link")

    def read(self, path: str, *, start: int = 0, length: int) -> bytes:
        """Return at most so many bytes of a plain file; raises UnreadableError.

        It is opened without waiting, and looked at again once it is open: a name that became a
        pipe or a device meanwhile is not read.
        """
        if not self.readable(path):
            raise UnreadableError(f"{path} is not a plain file of this folder")
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        try:
            handle = os.open(self.base / path, flags)
            try:
                if not stat.S_ISREG(os.fstat(handle).st_mode):
                    raise UnreadableError(f"{path} is not a plain file of this folder")
                return _read_at(handle, start, length)
            finally:
                os.close(handle)
        except OSError as error:
            raise UnreadableError(f"{path}: {reason_of(error)}") from error

    def text(self, path: str, *, most: int) -> str:
        """Return a file's text; raises UnreadableError where it is longer or not UTF-8."""
        data = self.read(path, length=most + 1)
        if len(data) > most:
            raise UnreadableError(f"{path} is longer than {most:,} bytes")
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise UnreadableError(f"{path} is not UTF-8 text") from error


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
