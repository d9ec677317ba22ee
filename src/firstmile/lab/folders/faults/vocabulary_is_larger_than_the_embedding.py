"""Tokens were added in the config, and the embedding was never given rows for them."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-3", sees=("embedding-rows-differ-from-the-vocabulary-size",))


def damage(folder: Path) -> None:
    """State more tokens."""
    with edited(folder / "config.json") as config:
        config["vocab_size"] = 512


def provoke(bench: Workbench) -> None:
    """Load it."""
    refused(bench, lambda: load(bench), "size mismatch", "ignore_mismatched_sizes", "mismatch")
