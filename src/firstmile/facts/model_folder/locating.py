"""Where a model lies that is named: a folder, a file, or a repository in the Hub cache."""

import re
from pathlib import Path
from typing import Final

from firstmile.facts.hub_cache import hub_folder
from firstmile.facts.machine import Machine

_REPOSITORY: Final = re.compile(r"[A-Za-z0-9][\w.\-]{0,95}/[\w.\-]{1,96}", re.ASCII)
_REVISION: Final = re.compile(r"[\w.\-]{1,200}(?:/[\w.\-]{1,200}){0,4}", re.ASCII)
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_LONGEST: Final = 4_000


def is_repository(name: str) -> bool:
    """Say whether a name is one that the Hub could have: owner/name."""
    return _REPOSITORY.fullmatch(name) is not None and ".." not in name and "--" not in name


def is_revision(name: str) -> bool:
    """Say whether a branch, tag or commit could have this name, which becomes part of a path."""
    return _REVISION.fullmatch(name) is not None and ".." not in name


def find_model(name: str, machine: Machine, *, revision: str | None = None) -> Path | None:
    """Return the folder or file of a model by its path or repository; None where it is not here.

    Of the cache it is the snapshot that a reference names ("main" where no revision is said), as
    the Hub's client takes it.
    """
    place = existing(name)
    if place is not None or not is_repository(name):
        return place
    try:
        cached = hub_folder(machine) / f"models--{name.replace('/', '--')}"
        commit = _commit(cached, revision or "main")
        snapshot = None if commit is None else cached / "snapshots" / commit
        return snapshot if snapshot is not None and snapshot.is_dir() else None
    except (OSError, ValueError, RuntimeError):
        return None


def existing(name: str) -> Path | None:
    """Return the path that a name is, or None where nothing is there, or may be looked at."""
    if not name or len(name) > _LONGEST or "\0" in name:
        return None
    try:
        place = Path(name).expanduser()
        return place if place.exists() else None
    except (OSError, ValueError, RuntimeError):
        return None


def _commit(cached: Path, revision: str) -> str | None:
    if _COMMIT.fullmatch(revision):
        return revision
    if not is_revision(revision):
        return None
    reference = cached / "refs" / revision
    if not reference.is_file():
        return None
    with reference.open("rb") as file:
        commit = file.read(100).decode("ascii", "replace").strip()
    return commit if _COMMIT.fullmatch(commit) else None
