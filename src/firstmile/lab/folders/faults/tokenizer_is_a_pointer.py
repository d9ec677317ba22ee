"""Git LFS keeps tokenizer.json as well, and left a pointer in its place."""

from pathlib import Path

from firstmile.lab.folders.editing import pointer
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load_tokenizer, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="qwen-3", sees=("tokenizer-file-is-a-pointer-or-a-web-page",))


def damage(folder: Path) -> None:
    """Put the pointer there."""
    pointer(folder / "tokenizer.json")


def provoke(bench: Workbench) -> None:
    """Load the tokenizer."""
    refused(bench, lambda: load_tokenizer(bench))
