"""The config states a feed-forward width that the matrices do not have."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="qwen-2", sees=("tensor-shapes-contradict-the-config",))


def damage(folder: Path) -> None:
    """State twice the width."""
    with edited(folder / "config.json") as config:
        config["intermediate_size"] = 256


def provoke(bench: Workbench) -> None:
    """Load it."""
    refused(bench, lambda: load(bench), "size mismatch", "ignore_mismatched_sizes", "mismatch")
