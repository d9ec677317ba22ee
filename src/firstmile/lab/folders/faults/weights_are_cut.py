"""The download of the weights broke off after some megabytes, and nobody noticed."""

from pathlib import Path

from firstmile.lab.folders.editing import cut
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="mixtral", sees=("safetensors-file-has-another-size-than-its-header-says",)
)


def damage(folder: Path) -> None:
    """Keep a part of the file."""
    cut(folder / "model.safetensors")


def provoke(bench: Workbench) -> None:
    """Load it."""
    refused(bench, lambda: load(bench), "incomplete", "Incomplete")
