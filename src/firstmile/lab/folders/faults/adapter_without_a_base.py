"""The config of the adapter names no base, so nothing knows what to put it on."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-3-lora", sees=("adapter-names-no-base",))


def damage(folder: Path) -> None:
    """Take the name out."""
    with edited(folder / "adapter_config.json") as config:
        config["base_model_name_or_path"] = None


def provoke(bench: Workbench) -> None:
    """Load it."""
    refused(bench, lambda: load(bench))
