"""A pickled checkpoint was cut while it was copied, so its archive has no end."""

from pathlib import Path

from firstmile.lab.folders.editing import cut, tensors
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="gpt-2", sees=("pickled-checkpoint-is-cut",))


def damage(folder: Path) -> None:
    """Keep a part of it."""
    from firstmile.lab.libraries import torch

    with tensors(folder) as held:
        torch.save(dict(held), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    cut(folder / "pytorch_model.bin", 0.7)


def provoke(bench: Workbench) -> None:
    """Load it."""
    refused(bench, lambda: load(bench), "archive", "corrupt", "zip", "pytorch_model.bin")
