"""The state was saved from inside DistributedDataParallel, so every name begins with module."""

from pathlib import Path

from firstmile.lab.folders.editing import tensors
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import is_random
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-2", sees=("tensor-names-keep-a-wrapper-of-the-training",))


def damage(folder: Path) -> None:
    """Name the tensors so."""
    with tensors(folder) as held:
        for name in list(held):
            held[f"module.{name}"] = held.pop(name)


def provoke(bench: Workbench) -> None:
    """Load it: all of it is random."""
    is_random(bench, "layers.0.")
