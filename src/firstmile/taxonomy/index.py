"""The packaged codebook in one file, so that a command need not parse all of its TOML.

`codebook.json` is generated (`indexing`) and committed. It is only a shortcut: where it does not
agree with the codebook's files, they are read instead.
"""

import os
from pathlib import Path
from typing import Any, Final

import msgspec

from firstmile.taxonomy.shortcut import agrees, read_shortcut
from firstmile.taxonomy.terms import Axis, BoundaryRule, Example, Taxonomy, Term

FILE: Final = Path(__file__).with_name("codebook.json")
SUFFIX: Final = ".toml"


def indexed(folder: os.PathLike[str]) -> Taxonomy | None:
    """Return the codebook by its index, or None where that does not stand for the folder."""
    found = read_shortcut(FILE, ("files", "version", "terms"))
    if not found or not agrees(FILE, Path(folder), SUFFIX, found["files"]):
        return None
    try:
        return Taxonomy(version=found["version"], terms=tuple(map(_term, found["terms"])))
    except (KeyError, TypeError, ValueError):
        return None


def plain(term: Term) -> dict[str, Any]:
    """Return a term as the index holds it."""
    found: dict[str, Any] = msgspec.to_builtins(term)
    return found


def _term(fields: dict[str, Any]) -> Term:
    lists = ("includes", "excludes", "written_from", "not_applicable", "formerly")
    return Term(
        **fields
        | {name: tuple(fields[name]) for name in lists}
        | {
            "axis": Axis(fields["axis"]),
            "boundary": tuple(BoundaryRule(**rule) for rule in fields["boundary"]),
            "example": Example(**fields["example"]),
        }
    )
