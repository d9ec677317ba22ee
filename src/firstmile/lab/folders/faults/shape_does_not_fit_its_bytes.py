"""A header states a shape with more numbers than the bytes of its tensor hold."""

from pathlib import Path

from firstmile.lab.folders.editing import header
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="olmo-2", sees=("safetensors-header-contradicts-itself",))


def damage(folder: Path) -> None:
    """Double the rows that the norm states."""
    with header(folder / "model.safetensors") as held:
        held["model.norm.weight"]["shape"] = [128]


def provoke(bench: Workbench) -> None:
    """Load it."""
    refused(bench, lambda: load(bench), "header", "match", "size")
