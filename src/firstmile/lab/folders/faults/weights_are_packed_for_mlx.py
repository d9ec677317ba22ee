"""The folder is a 4-bit export for MLX, given to an engine that reads other packings."""

from pathlib import Path

from firstmile.lab.folders.editing import edited, tensors
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="llama-3",
    sees=("weights-are-in-the-form-of-mlx",),
    command="vllm serve model",
)


def damage(folder: Path) -> None:
    """Pack the matrices as MLX does: 8 numbers in 32 bits, scales and biases of groups."""
    from firstmile.lab.libraries import torch

    with tensors(folder) as held:
        for name in [name for name in held if name.endswith("_proj.weight")]:
            out, width = held.pop(name).shape
            stem = name.removesuffix(".weight")
            held[name] = torch.randint(0, 2**31 - 1, (out, width // 8)).to(torch.uint32)
            held[f"{stem}.scales"] = torch.full((out, width // 32), 0.01, dtype=torch.float16)
            held[f"{stem}.biases"] = torch.zeros((out, width // 32), dtype=torch.float16)
    with edited(folder / "config.json") as config:
        config["quantization"] = {"group_size": 32, "bits": 4}
        config["quantization_config"] = {"group_size": 32, "bits": 4}


def provoke(bench: Workbench) -> None:
    """Load it."""
    refused(bench, lambda: load(bench))
