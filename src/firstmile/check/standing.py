"""Where findings stand on this machine: the files of the model, from the working folder on.

A finding names a file of the model as it lies in the model's folder. Code hosts look it up from
the root of what was checked out, where the command is mostly run.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from firstmile.check.intent import Intent
from firstmile.facts.model_folder.folder import ModelFolder
from firstmile.findings import Finding

HERE: Final = "."
"""The working folder, where nothing else is known that a finding could stand at."""


def standing(
    place: Path | None, model: ModelFolder | None, findings: Iterable[Finding]
) -> dict[str, str]:
    """Return the files of the model that findings name, by their paths from the working folder.

    Those of a model that lies elsewhere (in the Hub cache, on another machine) are left out.
    """
    if place is None or model is None:
        return {}
    folder = _from_here(place if place.is_dir() else place.parent)
    if folder is None:
        return {}
    known = {*(each.path for each in model.files), *model.documents}
    named = (one.file for each in findings for one in each.evidence if one.file in known)
    return {file: str(PurePosixPath(folder) / file) for file in named}


def place_of_command(intent: Intent, files: Mapping[str, str]) -> str:
    """Return a file at which findings stand that name none: the command's, else the model's.

    Code hosts refuse all findings where one stands at no file.
    """
    found = (*_of_command(intent), *filter(None, (files.get("config.json"),)), *files.values())
    return next(iter(found), HERE)


def _of_command(intent: Intent) -> Iterator[str]:
    for one in intent.files:
        path = _from_here(Path(one.path)) if one.is_there else None
        if path is not None:
            yield path


def _from_here(path: Path) -> str | None:
    """Return a path from the working folder on; None for one that lies outside of it."""
    try:
        found = os.path.relpath(path.expanduser())
    except (OSError, ValueError, RuntimeError):
        return None
    parts = Path(found).parts
    return None if os.pardir in parts else str(PurePosixPath(*parts))
