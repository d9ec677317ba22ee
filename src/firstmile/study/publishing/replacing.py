"""A published folder that takes the place of an earlier one, whole or not at all."""

import contextlib
import errno
import json
import os
import re
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from firstmile.errors import UserError
from firstmile.rendering.files import bring_back, flush_folders, remove_abandoned, swap_folder
from firstmile.study.publishing.manifest import MANIFEST, changed_files, listed_files
from firstmile.study.reading.quoting import quoted, shown

MARKER: Final = "publication.json"
FORMAT: Final = "firstmile-publication-1"
"""What `format` says in the marker of a folder of ours."""

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def refuse_foreign(out: Path) -> None:
    """Raise UserError where a published folder may not take the place of what is there.

    An earlier published folder may be replaced as long as nothing was put into it: what is not
    in its manifest would be lost.
    """
    target = out.resolve()
    bring_back(target)
    if Path.cwd().is_relative_to(target):
        raise UserError(
            f"The data set would take the place of {shown(str(target))}, in which you are: name "
            "a folder inside it."
        )
    if not os.path.lexists(target):
        return
    if not target.is_dir():
        raise UserError(f"{shown(str(target))} is a file: name a folder for the data set.")
    there = {path.relative_to(target).as_posix() for path in target.rglob("*") if _is_file(path)}
    if not there and not any(target.iterdir()):
        return
    if not is_publication(target):
        raise UserError(
            f"{shown(str(target))} holds something else than a published data set (there is no "
            f"{MARKER} of firstmile in it): name a new or an empty folder."
        )
    added = sorted(there - set(listed_files(target)) - {MANIFEST})
    if added:
        raise UserError(
            f"{shown(str(target))} holds {quoted(added[0])}, which is not of the data set and "
            "would be lost: move it away, or name another folder."
        )


def refuse_same_version(out: Path, *, name: str, version: str) -> None:
    """Raise UserError where `out` holds what a user would not expect to lose.

    That is a published data set of this or a later version, one of another name, or one whose
    files were changed since.
    """
    said = publication(out)
    if said.get("format") != FORMAT:
        return
    place, held = shown(str(out)), str(said.get("version"))
    if said.get("name") != name:
        why = f"the data set {quoted(str(said.get('name')))}"
        raise UserError(
            f"{place} holds {why}, and this one is {quoted(name)}: name another folder with "
            "--out, or give --replace to put this one in its place."
        )
    if changed := changed_files(out):
        raise UserError(
            f"{quoted(changed[0])} in {place} was changed since it was published, which would be "
            "lost: move it away, or give --replace."
        )
    if _order(version) <= _order(held):
        day = shown(str(said.get("published")))
        raise UserError(
            f"{place} holds version {shown(held)} already, published on {day}: give "
            f"publish.version in the study.toml a later number, such as {_next(held)}, or give "
            "--replace to put this one in its place."
        )


def _order(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, none where it is no version."""
    parts = version.split(".")
    return tuple(map(int, parts)) if all(re.fullmatch(r"\d{1,9}", p) for p in parts) else ()


def _next(version: str) -> str:
    numbers = _order(version)
    return ".".join(map(str, (numbers[0], numbers[1] + 1, 0))) if len(numbers) == 3 else "1.0.0"


def is_publication(folder: Path) -> bool:
    """Whether a folder is a published data set of ours."""
    return publication(folder).get("format") == FORMAT


def publication(folder: Path) -> Mapping[str, Any]:
    """Return what a folder's marker says, nothing where there is none that can be read."""
    try:
        found = json.loads((folder / MARKER).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def write_folder(out: Path, files: Mapping[str, bytes]) -> Path:
    """Write files into a folder that takes the place of `out` once all of them are on the disk.

    Raises UserError where `refuse_foreign` would, and when the place cannot be written; then
    nothing has changed.
    """
    target = out.resolve()
    refuse_foreign(target)
    made = [parent for parent in target.parents if not parent.exists()]
    building = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        building.mkdir()
        for name, data in files.items():
            _write(building / name, data)
        flush_folders(building)
        refuse_foreign(target)
        swap_folder(building, target)
    except BaseException as error:
        shutil.rmtree(building, ignore_errors=True)
        for parent in made:
            with contextlib.suppress(OSError):
                parent.rmdir()
        if isinstance(error, OSError):
            raise _failed(error, out) from error
        raise
    remove_abandoned(target.parent, name=target.name)
    return out


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _is_file(path: Path) -> bool:
    return path.is_symlink() or not path.is_dir()


def _failed(error: OSError, out: Path) -> UserError:
    if error.errno in _FULL:
        return UserError(
            f"The disk is full, so {shown(str(out))} was not written: free some space."
        )
    reason = (error.strerror or str(error)).lower()
    return UserError(f"{shown(str(out))} could not be written ({reason}): name another place.")
