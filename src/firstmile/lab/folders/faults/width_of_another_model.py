"""The config states another width than the weights have, as that of a sibling of the family."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="llama-3",
    sees=("tensor-shapes-contradict-the-config",),
)


def damage(folder: Path) -> None:
    """State twice the width."""
    with edited(folder / "config.json") as config:
        config["hidden_size"] = 128
        config["head_dim"] = 16


def provoke(bench: Workbench) -> None:
    """Load it."""
    refused(bench, lambda: load(bench), "size mismatch", "ignore_mismatched_sizes", "mismatch")
