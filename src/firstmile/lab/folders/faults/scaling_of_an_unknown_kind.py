"""The config names a kind of RoPE scaling that no library has."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="qwen-3",
    sees=("rope-scaling-is-of-a-kind-that-transformers-does-not-know",),
)


def damage(folder: Path) -> None:
    """Name it."""
    with edited(folder / "config.json") as config:
        config["rope_scaling"] = {"rope_type": "resonance", "factor": 4.0}


def provoke(bench: Workbench) -> None:
    """Load it."""
    refused(bench, lambda: load(bench), "resonance")
