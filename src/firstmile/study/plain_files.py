"""What may stand in the place of a study's files: plain files and folders alone.

To open a named pipe waits until somebody writes to it, and some devices never end. Either would
hang a command, or the pages of all raters at once.
"""

import os
import stat
from pathlib import Path
from typing import Final

from firstmile.errors import UserError
from firstmile.study.reading.quoting import shown

_KINDS: Final = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
)


def refuse_strange(path: Path) -> None:
    """Raise UserError where something else than a plain file stands in a file's place."""
    kind = _kind(path)
    if kind != "a file":
        raise UserError(
            f"{shown(str(path))} is {kind} where a plain file must be: move it away, and put a "
            "copy of the file back if there was one."
        )


class PlainFolder:
    """A folder of ours that holds plain files, and folders of plain files where it is `deep`."""

    def __init__(self, path: Path, *, deep: bool = False) -> None:
        self._path = path
        self._deep = deep
        self._looked: dict[str, int] = {}

    def check(self) -> None:
        """Raise UserError where something else than a plain file stands in it.

        A folder's time changes with each entry that is put in or replaced, so one that was
        looked through is not looked through again until then.
        """
        if not os.path.lexists(self._path):
            return
        if not self._path.is_dir():
            raise UserError(
                f"{shown(str(self._path))} is {_kind(self._path)} where a folder must be: move "
                "it away."
            )
        self._look(str(self._path), deep=self._deep)

    def _look(self, folder: str, *, deep: bool) -> None:
        try:
            time = Path(folder).stat().st_mtime_ns
            if self._looked.get(folder) == time and not deep:
                return
            with os.scandir(folder) as entries:
                for entry in entries:
                    if deep and entry.is_dir():
                        self._look(entry.path, deep=False)
                    elif not entry.is_file():
                        refuse_strange(Path(entry.path))
        except OSError:
            return
        self._looked[folder] = time


def _kind(path: Path) -> str:
    """Say what stands somewhere; what is not there, or leads nowhere, counts as a file."""
    try:
        mode = path.stat().st_mode
    except (OSError, RuntimeError):
        return "a file"
    if stat.S_ISREG(mode):
        return "a file"
    return next((words for holds, words in _KINDS if holds(mode)), "a device")
