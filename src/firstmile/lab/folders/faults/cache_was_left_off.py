"""A training switched the cache of keys and values off, and the config was saved so."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-2", sees=("cache-of-keys-and-values-is-switched-off",))


def damage(folder: Path) -> None:
    """Switch it off."""
    with edited(folder / "config.json") as config:
        config["use_cache"] = False
    with edited(folder / "generation_config.json") as held:
        held["use_cache"] = False


def provoke(bench: Workbench) -> None:
    """Load it."""
    assert load(bench).generation_config.use_cache is False
    bench.say("each token computes all earlier ones anew")
