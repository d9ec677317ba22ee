"""The config of a model with latent attention states a larger rank than the matrices have."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="deepseek-v3", sees=("tensor-shapes-contradict-the-config",))


def damage(folder: Path) -> None:
    """State twice the rank."""
    with edited(folder / "config.json") as config:
        config["kv_lora_rank"] = 32


def provoke(bench: Workbench) -> None:
    """Load it."""
    refused(bench, lambda: load(bench), "size mismatch", "ignore_mismatched_sizes", "mismatch")
