"""Files on disk: a folder at any depth, or one file."""

import os
import stat
from abc import ABC, abstractmethod
from pathlib import Path
from typing import IO, Final

from firstmile.errors import UserError
from firstmile.study.reading.ceilings import Ceilings
from firstmile.study.reading.quoting import shown
from firstmile.study.reading.streams import CheckedStream, too_large

_OPEN_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NONBLOCK", 0)
)


class Container(ABC):
    """Named files that can be read: a folder, a zip, or a single file.

    `names` are relative, with "/" between folders, in sorted order. `hidden` counts what was
    not looked at because its name begins with a dot (or is macOS's shadow folder).
    """

    names: tuple[str, ...]
    hidden: int = 0

    @abstractmethod
    def open(self, name: str, *, ceiling: int, text: bool = True) -> CheckedStream:
        """Open one of `names`; raises UserError."""

    def has(self, name: str) -> bool:
        """Whether a file of this name is there."""
        return name in self.names

    def inside(self, folder: str) -> tuple[str, ...]:
        """Return the names of the files in a folder, without those of folders in it."""
        start = f"{folder}/"
        return tuple(n for n in self.names if n.startswith(start) and "/" not in n[len(start) :])


class Folder(Container):
    """A folder and what lies in it; links are refused, so nothing outside is read."""

    def __init__(self, path: Path, ceilings: Ceilings) -> None:
        self._path = path
        self.hidden = 0
        self.names = tuple(sorted(self._walk(ceilings)))

    def open(self, name: str, *, ceiling: int, text: bool = True) -> CheckedStream:
        """Open one of `names`; raises UserError."""
        flags = getattr(os, "O_NOFOLLOW", 0)
        return open_file(self._path / name, name, ceiling=ceiling, text=text, flags=flags)

    def _walk(self, ceilings: Ceilings) -> list[str]:
        names: list[str] = []
        for folder, folders, files in os.walk(self._path, onerror=_unreadable):
            seen = [name for name in folders if not is_hidden(name)]
            self.hidden += len(folders) - len(seen)
            folders[:] = sorted(seen)
            inside = Path(folder).relative_to(self._path)
            for name in (*files, *(name for name in seen if Path(folder, name).is_symlink())):
                if is_hidden(name):
                    self.hidden += 1
                    continue
                relative = (inside / name).as_posix()
                if Path(folder, name).is_symlink():
                    raise UserError(
                        f"{shown(relative)} is a link; put the file itself into the folder."
                    )
                names.append(relative)
            if len(names) > ceilings.files:
                raise UserError(
                    f"The folder {shown(self._path.name)} holds more than {ceilings.files:,} "
                    "files; give the folder of the data alone."
                )
        return names


class NamedFiles(Container):
    """Files of a folder that somebody names.

    `names` are the files at its top, without links; what lies in its folders is not looked at
    unless it is named.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        seen = [entry.name for entry in self._entries("")]
        self.names = tuple(name for name in seen if not is_hidden(name))
        self.hidden = len(seen) - len(self.names)

    def has(self, name: str) -> bool:
        """Whether a file of this name is there."""
        try:
            return (self._path / name).exists()
        except OSError:
            return False

    def inside(self, folder: str) -> tuple[str, ...]:
        """Return the names of the files in a folder, without those of folders in it."""
        return tuple(
            f"{folder}/{entry.name}" for entry in self._entries(folder) if not is_hidden(entry.name)
        )

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        """Return the files of a folder by name; none where it cannot be looked at."""
        try:
            with os.scandir(self._path / folder) as entries:
                found = [entry for entry in entries if entry.is_file(follow_symlinks=False)]
        except (OSError, ValueError):
            return []
        return sorted(found, key=lambda entry: entry.name)

    def open(self, name: str, *, ceiling: int, text: bool = True) -> CheckedStream:
        """Open a file by its name; raises UserError, also when a link leads out of the folder."""
        path = self._path / name
        if not path.resolve().is_relative_to(self._path.resolve()):
            raise UserError(f"{shown(name)} is a link out of its folder; put the file there.")
        return open_file(path, name, ceiling=ceiling, text=text)


class SingleFile(Container):
    """One file, under the name by which it is shown."""

    def __init__(self, path: Path, name: str | None = None) -> None:
        self._path = path
        self.names = (path.name if name is None else name,)

    def open(self, name: str, *, ceiling: int, text: bool = True) -> CheckedStream:
        """Open the file; raises UserError."""
        return open_file(self._path, name, ceiling=ceiling, text=text)


def open_file(
    path: Path, name: str, *, ceiling: int, text: bool = True, flags: int = 0
) -> CheckedStream:
    """Open a regular file without waiting on pipes or devices; raises UserError."""
    return CheckedStream(open_regular(path, name, ceiling, flags), name, ceiling=ceiling, text=text)


def open_regular(path: Path, name: str, ceiling: int, flags: int = 0) -> IO[bytes]:
    """Open a regular file of at most `ceiling` bytes; raises UserError."""
    try:
        descriptor = os.open(path, _OPEN_FLAGS | flags)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise UserError(f"{shown(name)} cannot be read: {reason}.") from error
    try:
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode):
            raise UserError(
                f"{shown(name)} is a pipe, a device or a folder, not a file; give a regular file."
            )
        if state.st_size > ceiling:
            raise too_large(name, ceiling)
        return os.fdopen(descriptor, "rb", buffering=0)
    except BaseException:
        os.close(descriptor)
        raise


def is_hidden(part: str) -> bool:
    """Whether a file or folder of this name is left alone."""
    return part.startswith(".") or part == "__MACOSX"


def _unreadable(error: OSError) -> None:
    name = Path(str(error.filename)).name
    reason = (error.strerror or "").lower()
    raise UserError(f"The folder {shown(name)} cannot be read: {reason}.") from error
