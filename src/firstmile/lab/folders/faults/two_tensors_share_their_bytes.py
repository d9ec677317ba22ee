"""A broken tool wrote a header in which one tensor begins inside another."""

from pathlib import Path

from firstmile.lab.folders.editing import header
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="phi-3", sees=("safetensors-header-contradicts-itself",))


def damage(folder: Path) -> None:
    """Let the last tensor begin too early."""
    with header(folder / "model.safetensors") as held:
        placed = [one["data_offsets"] for name, one in held.items() if name != "__metadata__"]
        max(placed)[0] -= 64


def provoke(bench: Workbench) -> None:
    """Load it."""
    refused(bench, lambda: load(bench), "offset", "header")
