"""Files and folders of this machine that a command names: read within bounds, never waited for."""

import contextlib
import itertools
import os
import stat
from typing import Final

LARGEST_FILE: Final = 4 * 1024 * 1024
"""Bytes of a file that a command names, such as a DeepSpeed JSON."""
_MOST_NAMES: Final = 10_000
"""Names of a folder that are looked at beside a file that is not there."""


def text_of(path: str) -> str | None:
    """Return a plain file as text, or None where there is none, or one that is too large."""
    data = start_of(path, LARGEST_FILE + 1)
    return None if data is None or len(data) > LARGEST_FILE else data.decode("utf-8", "replace")


def start_of(path: str, most: int) -> bytes | None:
    """Return the first bytes of a plain file, or None where there is none that can be read.

    It is opened without waiting, so that a pipe stops nobody.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        opened = os.open(path, flags | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError):
        return None
    with contextlib.suppress(OSError), os.fdopen(opened, "rb") as file:
        return file.read(most) if stat.S_ISREG(os.fstat(opened).st_mode) else None
    return None


def names_in(folder: str) -> tuple[str, ...] | None:
    """Return the names in a folder, none where it is not there.

    None where it cannot be read, holds too many to know them all, or is left to a shell to fill in.
    """
    if folder.startswith("~") or any(sign in folder for sign in "$`*{"):
        return None
    try:
        with os.scandir(folder) as found:
            names = tuple(each.name for each in itertools.islice(found, _MOST_NAMES + 1))
            return names if len(names) <= _MOST_NAMES else None
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except (OSError, ValueError):
        return None
