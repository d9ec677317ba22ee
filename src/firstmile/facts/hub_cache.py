"""Which models lie in the Hub cache: by keys, since the names of some are nobody's business."""

import os
from pathlib import Path
from typing import Final

from firstmile.facts.machine import Machine, UnreadableError, reason_of

_MOST: Final = 5000
_DIGITS: Final = 16


def cache_key(repository: str) -> str:
    """Return the key of a repository ("owner/name"): the first digits of its SHA-256."""
    import hashlib

    return hashlib.sha256(repository.strip("/").encode()).hexdigest()[:_DIGITS]


def hub_folder(machine: Machine) -> Path:
    """Return where the Hub's client keeps models, as its variables say."""
    set_to = machine.variables.get
    home = Path(set_to("HOME") or set_to("USERPROFILE") or Path.home())
    cache = Path(set_to("XDG_CACHE_HOME") or home / ".cache")
    named = set_to("HF_HUB_CACHE") or set_to("HUGGINGFACE_HUB_CACHE")
    return Path(named or Path(set_to("HF_HOME") or cache / "huggingface") / "hub").expanduser()


def read_hub_cache(machine: Machine) -> tuple[str, ...]:
    """Return the keys of models of which the cache holds files; raises UnreadableError."""
    folder = hub_folder(machine)
    try:
        with os.scandir(folder) as listed:
            names = sorted(each.name for each in listed if each.name.startswith("models--"))
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise UnreadableError(reason_of(error)) from error
    keys = (
        cache_key(name.removeprefix("models--").replace("--", "/", 1))
        for name in names[:_MOST]
        if _holds_files(folder / name / "snapshots")
    )
    return tuple(sorted(keys))


def _holds_files(snapshots: Path) -> bool:
    """Say whether one of the snapshots has a file: a broken download leaves empty folders."""
    try:
        return any(any(each.iterdir()) for each in snapshots.iterdir() if each.is_dir())
    except OSError:
        return False
