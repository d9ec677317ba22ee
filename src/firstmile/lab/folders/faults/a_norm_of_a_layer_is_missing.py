"""A norm of a layer was lost in a conversion, and begins with ones."""

from pathlib import Path

from firstmile.lab.folders.editing import tensors
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import is_random
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="gemma-2", sees=("tensors-of-the-architecture-are-missing",))


def damage(folder: Path) -> None:
    """Remove the norm."""
    with tensors(folder) as held:
        del held["model.layers.0.post_attention_layernorm.weight"]


def provoke(bench: Workbench) -> None:
    """Load it."""
    is_random(bench, "layers.0.post_attention_layernorm")
