"""The file of the tokenizer names a model that the library does not have."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load_tokenizer, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="phi-3", sees=("tokenizer-does-not-load",))


def damage(folder: Path) -> None:
    """Name it."""
    with edited(folder / "tokenizer.json") as held:
        held["model"]["type"] = "SuperBPE"


def provoke(bench: Workbench) -> None:
    """Load the tokenizer."""
    refused(bench, lambda: load_tokenizer(bench))
