"""Files and folders written whole or not at all."""

import contextlib
import errno
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from firstmile.errors import UserError

MARKER: Final = "report.json"
"""A folder that holds this file is a report of ours, so a new report may take its place."""

ABANDONED: Final = 3_600
"""Seconds after which what was never finished is nobody's any more."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def write_whole(path: Path, content: bytes | str) -> None:
    """Write a file so that readers see the old content or the new, never a part.

    Writes a temporary file beside it, flushes it to the disk and renames it. Text is UTF-8 with
    the line ends it has. Raises UserError when the disk is full, the place is not writable, or a
    device or pipe stands there; then nothing is left behind.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        # Renaming would take the place of a device: whoever writes as root would lose it.
        raise UserError(f"{path} is no plain file: name another place to write to.")
    data = content.encode("utf-8") if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _NotWrittenError(error, path) from error


@contextlib.contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Yield a new folder to fill; when the block ends well, it takes the place of `folder`.

    The new folder stands beside the old one until then. After any failure, Ctrl-C included, it
    is removed and the old one is as it was. Raises UserError when `folder` is a file, or holds
    files and is no earlier report (it lacks `report.json`), or holds the current folder, or
    cannot be written.
    """
    target = _sound(folder)
    made = _missing_parents(target)
    building = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        building.mkdir()
        yield building
        flush_folders(building)
        _sound(folder)
        swap_folder(building, target)
    except BaseException as error:
        shutil.rmtree(building, ignore_errors=True)
        for parent in made:
            with contextlib.suppress(OSError):
                parent.rmdir()
        if isinstance(error, OSError | _NotWrittenError):
            raise _NotWrittenError(_first_cause(error), folder) from error
        raise
    remove_abandoned(target.parent, name=target.name)


def remove_abandoned(folder: Path, *, name: str | None = None) -> None:
    """Remove what killed processes had begun to write in a folder: all of it, or under a name.

    What was touched in the last hour may be another process's at work, and stays. Without a name
    the folder has to be one in which nobody but us writes.
    """
    begun = r".+" if name is None else re.escape(name)
    ours = re.compile(rf"\.{begun}\.[0-9a-f]{{8}}\.part", re.DOTALL)
    with contextlib.suppress(OSError):
        for left in folder.iterdir():
            if ours.fullmatch(left.name) and time.time() - left.lstat().st_mtime > ABANDONED:
                if left.is_dir() and not left.is_symlink():
                    shutil.rmtree(left, ignore_errors=True)
                else:
                    left.unlink(missing_ok=True)


def refuse_foreign(folder: Path) -> None:
    """Raise UserError where `whole_folder` would: before long work rather than after it."""
    _sound(folder)


def _sound(folder: Path) -> Path:
    """Return a folder's real path; raises UserError where no report may or can be put there."""
    try:
        target = folder.resolve()
        bring_back(target)
        _refuse_what_is_there(target)
    except OSError as error:
        raise _NotWrittenError(error, folder) from error
    except RuntimeError as error:  # what a loop of links is to pathlib, before Python 3.13
        raise UserError(f"{folder} is a loop of links: name another place.") from error
    return target


def _refuse_what_is_there(target: Path) -> None:
    if Path.cwd().is_relative_to(target):
        raise UserError(f"The report would take the place of {target}: name a folder inside it.")
    if target.is_symlink():
        raise UserError(f"{target} is a loop of links: name another place.")
    if target.is_dir():
        if any(target.iterdir()) and not (target / MARKER).is_file():
            raise UserError(
                f"{target} holds files that are no earlier report (there is no {MARKER} in it): "
                "name a new or an empty folder."
            )
    elif target.exists():
        raise UserError(f"{target} is a file, but the report needs a folder: name another one.")


def _missing_parents(target: Path) -> list[Path]:
    return [parent for parent in target.parents if not parent.exists()]


def swap_folder(building: Path, target: Path) -> None:
    """Put a built folder in the place of another; the old one comes back where that fails.

    Where the process dies between the two renames, `bring_back` finds the old one.
    """
    bring_back(target)
    if not target.exists():
        building.rename(target)
        return
    old = target.with_name(f".{target.name}.{secrets.token_hex(4)}.old")
    target.rename(old)
    try:
        building.rename(target)
    except BaseException:
        if old.exists():
            old.rename(target)
        raise
    for left in _set_aside(target):
        shutil.rmtree(left, ignore_errors=True)


def bring_back(target: Path) -> None:
    """Put the folder back that a process which died in `swap_folder` had set aside, if any."""
    if not os.path.lexists(target) and (found := _set_aside(target)):
        with contextlib.suppress(OSError):
            found[-1].rename(target)


def _set_aside(target: Path) -> list[Path]:
    """Return the folders that were set aside to make place for `target`, the latest last."""
    ours = re.compile(rf"\.{re.escape(target.name)}\.[0-9a-f]{{8}}\.old")
    try:
        found = [one for one in target.parent.iterdir() if ours.fullmatch(one.name)]
        return sorted(found, key=lambda one: one.stat().st_ctime_ns)
    except OSError:
        return []


def flush_folders(folder: Path) -> None:
    """Flush a folder and all folders in it to the disk, where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    for place in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class _NotWrittenError(UserError):
    """A file or folder that could not be written; it is named as the user named it."""

    def __init__(self, error: OSError, path: Path) -> None:
        if error.errno in _FULL:
            said = f"The disk is full, so {path} was not written: free some space."
        else:
            reason = (error.strerror or str(error)).lower()
            said = f"{path} could not be written ({reason}): name another place."
        super().__init__(said)


def _first_cause(error: BaseException) -> OSError:
    while not isinstance(error, OSError):
        error = error.__cause__ or OSError()
    return error
