"""Two attempts of a download were appended to each other, so that bytes follow the last tensor."""

from pathlib import Path

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="gemma-3", sees=("safetensors-file-has-another-size-than-its-header-says",)
)


def damage(folder: Path) -> None:
    """Write the file twice into itself."""
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes() * 2)


def provoke(bench: Workbench) -> None:
    """Load it."""
    refused(bench, lambda: load(bench), "not fully covered", "etadata")
