"""Shortcuts: one generated file instead of many, trusted only while it agrees with them."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

_LATER_SECONDS: Final = 60
"""How much younger than a shortcut a file may be: those of one installation are about as old."""


def read_shortcut(file: Path, parts: Iterable[str]) -> Mapping[str, Any]:
    """Return parts of a shortcut's JSON; an empty mapping where it is absent or broken."""
    try:
        found = json.loads(file.read_bytes())
        return {part: found[part] for part in parts}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def agrees(file: Path, folder: Path, suffix: str, sizes: Mapping[str, int]) -> bool:
    """Say whether a shortcut still stands for a folder's files.

    It does where names and sizes of all files with the suffix are those it states (subfolders
    named before their files), and none was changed a while after it was made.
    """
    try:
        latest = file.stat().st_mtime + _LATER_SECONDS
        found = sizes_and_times(folder, suffix)
    except OSError:
        return False
    if {name: size for name, (size, _) in found.items()} != sizes:
        return False
    return all(changed <= latest for _, changed in found.values())


def sizes_and_times(folder: Path, suffix: str, above: str = "") -> dict[str, tuple[int, float]]:
    """Return size and time of change of each file with a suffix; raises OSError."""
    found = {}
    with os.scandir(folder) as files:
        for file in files:
            if file.name.endswith(suffix):
                status = file.stat()
                found[above + file.name] = (status.st_size, status.st_mtime)
            elif file.is_dir(follow_symlinks=False) and not above:
                found |= sizes_and_times(Path(file.path), suffix, f"{file.name}/")
    return found
