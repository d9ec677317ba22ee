"""Where reports are written unless a file is named: a folder that only the user can read."""

import contextlib
import os
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

KEPT: Final = 50
"""Reports in the folder; older ones make place."""

_NAME: Final = "run-*.md"


def report_folder(variables: Mapping[str, str]) -> Path:
    """Return the folder of reports (XDG Base Directory Specification, `XDG_STATE_HOME`)."""
    if stated := variables.get("XDG_STATE_HOME"):
        return Path(stated) / "firstmile" / "reports"
    home = Path(variables.get("HOME") or variables.get("USERPROFILE") or Path.home())
    if sys.platform == "win32":
        local = variables.get("LOCALAPPDATA")
        return (Path(local) if local else home / "AppData" / "Local") / "firstmile" / "reports"
    return home / ".local" / "state" / "firstmile" / "reports"


def next_report(folder: Path, at: datetime) -> Path:
    """Return a new report's path in a folder, which is made; the oldest reports leave it.

    Raises OSError where the folder cannot be made.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with contextlib.suppress(OSError):
        folder.chmod(0o700)
    for old in sorted(folder.glob(_NAME))[: -KEPT + 1]:
        with contextlib.suppress(OSError):
            old.unlink()
    return folder / f"run-{at:%Y%m%d-%H%M%S}-{os.getpid()}.md"
