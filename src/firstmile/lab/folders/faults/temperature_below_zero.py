"""The generation config has a temperature below zero and a share above one."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-3", sees=("sampling-value-is-outside-of-its-range",))


def damage(folder: Path) -> None:
    """State them."""
    with edited(folder / "generation_config.json") as held:
        held.update(temperature=-0.5, top_p=1.5)


def provoke(bench: Workbench) -> None:
    """Generate."""
    refused(bench, lambda: load(bench).generate(max_new_tokens=3), "temperature", "top_p")
