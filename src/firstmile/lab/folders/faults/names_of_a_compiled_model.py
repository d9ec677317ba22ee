"""The state of a compiled model was saved, whose tensors are called _orig_mod; none is found."""

from pathlib import Path

from firstmile.lab.folders.editing import tensors
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import is_random
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="qwen-3", sees=("tensor-names-keep-a-wrapper-of-the-training",))


def damage(folder: Path) -> None:
    """Name the tensors so."""
    with tensors(folder) as held:
        for name in list(held):
            held[f"_orig_mod.{name}"] = held.pop(name)


def provoke(bench: Workbench) -> None:
    """Load it: all of it is random."""
    is_random(bench, "layers.0.")
