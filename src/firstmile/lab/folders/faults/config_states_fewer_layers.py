"""The config was taken from a smaller sibling, so half of the layers are never loaded."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import is_left_out
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-3", sees=("weights-hold-more-layers-than-the-config",))


def damage(folder: Path) -> None:
    """State one layer of two."""
    with edited(folder / "config.json") as config:
        config["num_hidden_layers"] = 1


def provoke(bench: Workbench) -> None:
    """Load it: the second layer is passed over."""
    is_left_out(bench, "layers.1.")
