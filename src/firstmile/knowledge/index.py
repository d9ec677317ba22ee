"""Index: what is needed of all packaged entries, in one file, so that not all need be read.

`index.json` is generated (`indexing`) and committed. It is only a shortcut: where it does not
agree with the entries' files, they are read instead.
"""

import json
import os
from collections.abc import Mapping
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).with_name("index.json")
SUFFIX: Final = ".md"
_LATER_SECONDS: Final = 60
"""How much younger than the index an entry may be: files of one installation are about as old."""


@cache
def packaged_index() -> Mapping[str, Any]:
    """Read the index that comes along; an empty one where there is none, or it is broken."""
    try:
        found = json.loads(FILE.read_bytes())
        return {part: found[part] for part in ("files", "heads", "literals")}
    except (OSError, ValueError, KeyError, TypeError):
        return {"files": {}, "heads": [], "literals": {}}


def heads_of(folder: Traversable) -> list[dict[str, Any]] | None:
    """Return the heads of a folder's entries, in order of ids, or None where it has others.

    They count where names and sizes of all files are those of the index, and no file was
    changed a while after it was made.
    """
    if not isinstance(folder, Path):
        return None
    heads: list[dict[str, Any]] = packaged_index()["heads"]
    sizes: dict[str, int] = packaged_index()["files"]
    try:
        latest = FILE.stat().st_mtime + _LATER_SECONDS
        with os.scandir(folder) as files:
            found = {file.name: file.stat() for file in files if file.name.endswith(SUFFIX)}
    except OSError:
        return None
    if {name: status.st_size for name, status in found.items()} != sizes:
        return None
    return heads if all(status.st_mtime <= latest for status in found.values()) else None


def sound_patterns() -> Mapping[str, list[str] | None]:
    """Return the patterns of packaged entries, which were checked, with their literals."""
    found: Mapping[str, list[str] | None] = packaged_index()["literals"]
    return found
