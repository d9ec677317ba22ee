"""The config of the adapter states another rank than its matrices have."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-3-lora", sees=("adapter-rank-contradicts-its-config",))


def damage(folder: Path) -> None:
    """State it."""
    with edited(folder / "adapter_config.json") as config:
        config["r"] = 32


def provoke(bench: Workbench) -> None:
    """Load it onto its base."""
    refused(bench, lambda: load(bench), "size mismatch", "mismatch")
