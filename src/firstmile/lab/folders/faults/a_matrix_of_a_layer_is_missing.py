"""A script that saved the weights forgot a matrix, which begins with random numbers each time."""

from pathlib import Path

from firstmile.lab.folders.editing import tensors
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import is_random
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-3", sees=("tensors-of-the-architecture-are-missing",))


def damage(folder: Path) -> None:
    """Remove the matrix."""
    with tensors(folder) as held:
        del held["model.layers.1.mlp.down_proj.weight"]


def provoke(bench: Workbench) -> None:
    """Load it."""
    is_random(bench, "layers.1.mlp.down_proj")
