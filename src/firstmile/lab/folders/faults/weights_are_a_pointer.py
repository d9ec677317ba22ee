"""The repository was cloned without Git LFS, so a pointer lies in place of the weights."""

from pathlib import Path

from firstmile.lab.folders.editing import pointer
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="qwen-2", sees=("weight-file-is-a-pointer-or-a-web-page",))


def damage(folder: Path) -> None:
    """Put the pointer there."""
    pointer(folder / "model.safetensors")


def provoke(bench: Workbench) -> None:
    """Load it."""
    refused(bench, lambda: load(bench), "header", "Header")
