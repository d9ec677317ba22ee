"""The adapter was saved under ZeRO stage 3, whose matrices are empty placeholders."""

from pathlib import Path

from firstmile.lab.folders.editing import tensors
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-3-lora", sees=("adapter-weights-are-missing-or-empty",))


def damage(folder: Path) -> None:
    """Empty the matrices."""
    from firstmile.lab.libraries import torch

    with tensors(folder, "adapter_model.safetensors") as held:
        for name in held:
            held[name] = torch.zeros(0)


def provoke(bench: Workbench) -> None:
    """Load it onto its base."""
    refused(bench, lambda: load(bench), "size mismatch", "mismatch")
