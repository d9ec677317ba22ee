"""The adapter was trained on a wider model than the one that it is put on."""

from pathlib import Path

from firstmile.lab.folders.editing import tensors
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-3-lora", sees=("adapter-does-not-fit-its-base",))


def damage(folder: Path) -> None:
    """Make its matrices wider."""
    from firstmile.lab.libraries import torch

    with tensors(folder, "adapter_model.safetensors") as held:
        for name, value in held.items():
            if "lora_A" in name:
                held[name] = torch.cat([value, value], dim=1)


def provoke(bench: Workbench) -> None:
    """Load it onto its base."""
    refused(bench, lambda: load(bench), "size mismatch", "mismatch")
