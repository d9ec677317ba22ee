"""The config pads with an id that the vocabulary does not have."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-2", sees=("special-id-lies-outside-the-vocabulary",))


def damage(folder: Path) -> None:
    """Name the id."""
    for name in ("config.json", "generation_config.json"):
        with edited(folder / name) as held:
            held["pad_token_id"] = 32000


def provoke(bench: Workbench) -> None:
    """Look up its row."""
    from firstmile.lab.libraries import torch

    refused(bench, lambda: load(bench)(torch.tensor([[5, 32000]])))
