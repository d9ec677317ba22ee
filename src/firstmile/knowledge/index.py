"""Index: what is needed of all packaged entries, in one file, so that not all need be read.

`index.json` is generated (`indexing`) and committed. It is only a shortcut: where it does not
agree with the entries' files, they are read instead.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from firstmile.taxonomy.shortcut import agrees, read_shortcut

FILE: Final = Path(__file__).with_name("index.json")
SUFFIX: Final = ".md"


@cache
def packaged_index() -> Mapping[str, Any]:
    """Read the index that comes along; an empty one where there is none, or it is broken."""
    found = read_shortcut(FILE, ("files", "heads", "literals", "demands"))
    return found or {"files": {}, "heads": [], "literals": {}, "demands": {}}


def heads_of(folder: Traversable) -> list[dict[str, Any]] | None:
    """Return the heads of a folder's entries, in order of ids, or None where it has others."""
    heads: list[dict[str, Any]] = packaged_index()["heads"]
    if not isinstance(folder, Path):
        return None
    return heads if agrees(FILE, folder, SUFFIX, packaged_index()["files"]) else None


def sound_patterns() -> Mapping[str, list[str] | None]:
    """Return the patterns of packaged entries, which were checked, with their literals."""
    found: Mapping[str, list[str] | None] = packaged_index()["literals"]
    return found


def further_demands() -> Mapping[str, list[list[str]]]:
    """Return what packaged patterns demand of a line besides their literals; many: nothing."""
    found: Mapping[str, list[list[str]]] = packaged_index()["demands"]
    return found
