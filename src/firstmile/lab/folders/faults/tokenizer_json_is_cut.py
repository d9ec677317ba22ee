"""The download of tokenizer.json broke off."""

from pathlib import Path

from firstmile.lab.folders.editing import cut
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load_tokenizer, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="gemma-3",
    sees=("tokenizer-does-not-load",),
)


def damage(folder: Path) -> None:
    """Keep a part."""
    cut(folder / "tokenizer.json", 0.8)


def provoke(bench: Workbench) -> None:
    """Load the tokenizer."""
    refused(bench, lambda: load_tokenizer(bench))
