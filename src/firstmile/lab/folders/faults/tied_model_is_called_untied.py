"""The config of a model whose head is its embedding says that they are two."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import is_random
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="qwen-2", sees=("head-of-the-model-is-missing",))


def damage(folder: Path) -> None:
    """Untie them in the config alone."""
    with edited(folder / "config.json") as config:
        config["tie_word_embeddings"] = False


def provoke(bench: Workbench) -> None:
    """Load it."""
    is_random(bench, "lm_head")
