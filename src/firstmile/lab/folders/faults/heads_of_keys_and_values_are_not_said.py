"""The config lacks the number of heads for keys and values, so as many as of queries are made."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-2", sees=("tensor-shapes-contradict-the-config",))


def damage(folder: Path) -> None:
    """Leave the number out."""
    with edited(folder / "config.json") as config:
        del config["num_key_value_heads"]


def provoke(bench: Workbench) -> None:
    """Load it."""
    refused(bench, lambda: load(bench), "size mismatch", "ignore_mismatched_sizes", "mismatch")
