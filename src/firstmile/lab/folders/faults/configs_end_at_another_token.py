"""Configs end at a token that the tokenizer does not call its end, so that answers run on."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import runs_to_its_limit
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="olmo-2", sees=("end-token-of-the-tokenizer-stops-nothing",))


def damage(folder: Path) -> None:
    """Name another id in both configs."""
    for name in ("config.json", "generation_config.json"):
        with edited(folder / name) as held:
            held["eos_token_id"] = 399


def provoke(bench: Workbench) -> None:
    """Generate with a model that would end its text."""
    runs_to_its_limit(bench, "<|endoftext|>")
