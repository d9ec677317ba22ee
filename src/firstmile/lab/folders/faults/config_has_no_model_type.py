"""The config states sizes and no model type, as one that was written for an own training script."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-2", sees=("config-names-no-model-type",))


def damage(folder: Path) -> None:
    """Remove type and architecture."""
    with edited(folder / "config.json") as config:
        del config["model_type"], config["architectures"]


def provoke(bench: Workbench) -> None:
    """Load it."""
    refused(bench, lambda: load(bench), "model_type")
