"""The head was left out of the files, and the config does not tie it to the embedding."""

from pathlib import Path

from firstmile.lab.folders.editing import tensors
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import is_random
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-3", sees=("head-of-the-model-is-missing",))


def damage(folder: Path) -> None:
    """Remove the head."""
    with tensors(folder) as held:
        del held["lm_head.weight"]


def provoke(bench: Workbench) -> None:
    """Load it."""
    is_random(bench, "lm_head")
