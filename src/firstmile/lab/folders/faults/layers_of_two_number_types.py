"""A merge wrote one layer in float16 beside another in bfloat16."""

from pathlib import Path

from firstmile.lab.folders.editing import tensors
from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(base="llama-3", sees=("number-types-are-mixed-in-the-layers",))


def damage(folder: Path) -> None:
    """Turn the second layer into float16."""
    with tensors(folder) as held:
        for name, value in held.items():
            if ".layers.1." in name:
                held[name] = value.half()
