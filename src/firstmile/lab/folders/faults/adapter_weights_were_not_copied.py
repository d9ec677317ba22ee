"""Only the config of the adapter was copied."""

from pathlib import Path

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="qwen-2-lora", sees=("adapter-weights-are-missing-or-empty",))


def damage(folder: Path) -> None:
    """Remove the weights."""
    (folder / "adapter_model.safetensors").unlink()


def provoke(bench: Workbench) -> None:
    """Load it onto its base."""
    refused(bench, lambda: load(bench))
