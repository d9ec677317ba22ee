"""Everything but the large files was copied, as a sync with a limit on sizes does."""

from pathlib import Path

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="gemma-2",
    sees=("folder-holds-no-weights-that-the-engine-reads",),
    command="vllm serve model",
)


def damage(folder: Path) -> None:
    """Remove the weights."""
    (folder / "model.safetensors").unlink()


def provoke(bench: Workbench) -> None:
    """Load it."""
    refused(bench, lambda: load(bench), "no file named", "model.safetensors")
