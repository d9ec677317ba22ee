"""The weights are pickles, which transformers refuses to load with a torch older than 2.6."""

from pathlib import Path
from typing import TYPE_CHECKING

from firstmile.lab.folders.editing import tensors
from firstmile.lab.folders.fault import FolderFault

if TYPE_CHECKING:
    from firstmile.facts.environment import Environment

FAULT = FolderFault(base="gpt-2", sees=("pickled-weights-need-a-newer-torch",))


def damage(folder: Path) -> None:
    """Write the weights as pickles."""
    from firstmile.lab.libraries import torch

    with tensors(folder) as held:
        torch.save(dict(held), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


def machine() -> "Environment":
    """Return a computer with torch 2.5."""
    from firstmile.lab.folders import machines

    return machines.workstation(torch="2.5.1+cu124", without=("vllm", "sglang", "triton"))
