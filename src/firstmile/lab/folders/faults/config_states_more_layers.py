"""The config was taken from a larger sibling, so layers that no file holds are random."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import is_random
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="qwen-2", sees=("tensors-of-the-architecture-are-missing",))


def damage(folder: Path) -> None:
    """State four layers of two."""
    with edited(folder / "config.json") as config:
        config["num_hidden_layers"] = 4
        config.pop("layer_types", None)


def provoke(bench: Workbench) -> None:
    """Load it: the third layer is random."""
    is_random(bench, "layers.3.")
