"""The generation config has a temperature at which words fall apart."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(base="llama-3", sees=("sampling-is-so-wild-that-text-breaks",))


def damage(folder: Path) -> None:
    """State it."""
    with edited(folder / "generation_config.json") as held:
        held["temperature"] = 5.0
