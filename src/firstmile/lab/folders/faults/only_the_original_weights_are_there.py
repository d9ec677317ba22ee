"""The folder holds the weights as their maker trained them, which needs a conversion."""

from pathlib import Path

from firstmile.lab.folders.editing import tensors
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-3", sees=("folder-holds-no-weights-that-the-engine-reads",))


def damage(folder: Path) -> None:
    """Keep the weights as one consolidated pickle alone."""
    from firstmile.lab.libraries import torch

    with tensors(folder) as held:
        torch.save(dict(held), folder / "consolidated.00.pth")
    (folder / "model.safetensors").unlink()


def provoke(bench: Workbench) -> None:
    """Load it."""
    refused(bench, lambda: load(bench), "no file named", "pytorch_model.bin")
