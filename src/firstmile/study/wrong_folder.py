"""What to say where a folder that was named holds no study: which one does, or what it is."""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from firstmile.errors import UserError
from firstmile.rendering.inert import visible
from firstmile.study.design import FILE
from firstmile.study.folder import is_study
from firstmile.study.reading.codebooks import publication
from firstmile.study.reading.folders import NamedFiles
from firstmile.taxonomy.toml_text import read_toml, text_of

MOST_NAMED: Final = 3
"""Studies in a folder that a message names; the rest is counted."""

_MOST_LOOKED_AT: Final = 1_000
"""Folders in a folder that are looked into for a study."""

_OF_DATA: Final = frozenset({"data", "columns"})
"""Tables of a study.toml that says where labels lie."""


def refuse_no_study(path: Path) -> None:
    """Raise UserError, with the command that fits, where `path` is not a study's folder.

    A study.toml that has mistakes counts as a study's: whoever reads it names them.
    """
    try:
        said = _said(path, called(path))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        said = f"{called(path)} cannot be read ({reason}): name another folder."
    if said:
        raise UserError(said)


def called(path: Path) -> str:
    """Return a path as it can be typed after a command."""
    return visible(shlex.quote(str(path)))


def studies_in(path: Path) -> str:
    """Return "one is in it: name ..." with the studies in a folder, nothing where it has none."""
    inside = list(_inside(path))
    if not inside:
        return ""
    places = ", ".join(called(one) for one in inside[:MOST_NAMED])
    more = len(inside) - MOST_NAMED
    rest = f" and {more:,} more" if more > 0 else ""
    return f"{'one is' if len(inside) == 1 else 'some are'} in it: name {places}{rest}"


def _said(path: Path, name: str) -> str:
    if not path.exists():
        return f"{name} is not there: firstmile study init {name} starts a study."
    if not path.is_dir():
        return _of_file(path, name)
    if publication(NamedFiles(path)) is not None:
        return (
            f"{name} holds a published data set and no study: firstmile study report {name} "
            f"analyzes it, firstmile study publish {name} --check checks it"
            f"{_above(path, '; the study that it comes from is in {}')}."
        )
    if (path / FILE).is_file():
        return _of_mapping(path, name)
    if elsewhere := studies_in(path):
        return f"{name} is no study's folder, but {elsewhere} instead."
    if above := _above(path, "{}"):
        return f"{name} is a folder inside a study: name {above} instead."
    return f"{name} holds no {FILE}: firstmile study init {name} starts a study there."


def _of_file(path: Path, name: str) -> str:
    if path.name == FILE and is_study(path.parent):
        return f"{name} is a file of a study: name its folder, {called(path.parent)}."
    return (
        f"{name} is a file, and a study is a folder: name the folder, or where the file holds "
        f"labelled failures, firstmile study report {name} analyzes them."
    )


def _of_mapping(path: Path, name: str) -> str:
    """Return what to say of a study.toml that maps columns of labels, nothing for any other."""
    try:
        tables = read_toml(text_of(path / FILE, FILE), FILE)
    except (OSError, UserError):
        return ""
    if not tables or not tables.keys() <= _OF_DATA:
        return ""
    return (
        f"The {FILE} in {name} says where labelled failures lie, and starts no study: "
        f"firstmile study report {name} analyzes them."
    )


def _inside(path: Path) -> Iterator[Path]:
    """Yield the studies in a folder, by name."""
    try:
        folders = sorted(one for one in path.iterdir() if one.is_dir())
    except OSError:
        return
    yield from (one for one in folders[:_MOST_LOOKED_AT] if is_study(one))


def _above(path: Path, words: str) -> str:
    """Return words with the study that a folder lies in, nothing where it lies in none."""
    whole = path.resolve()
    for depth, one in enumerate(whole.parents):
        if is_study(one):
            near = path.parents[depth] if depth < len(path.parents) else one
            return words.format(called(near if near.resolve() == one else one))
    return ""
