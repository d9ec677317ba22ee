"""A pickled checkpoint from a stranger starts a program when it is loaded."""

import os
from pathlib import Path

from firstmile.lab.folders.editing import tensors
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="gpt-2", sees=("pickle-imports-more-than-tensors",))


class _Harmless:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("true",)


def damage(folder: Path) -> None:
    """Write such a pickle."""
    from firstmile.lab.libraries import torch

    with tensors(folder) as held:
        torch.save({**held, "extra": _Harmless()}, folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()


def provoke(bench: Workbench) -> None:
    """Load it: torch refuses what is no tensor."""
    refused(bench, lambda: load(bench), "Weights only", "weights_only", "Unsupported")
