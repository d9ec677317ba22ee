"""The disk was full when the config was written, so its JSON ends in the middle."""

from pathlib import Path

from firstmile.lab.folders.editing import cut
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="qwen-3", sees=("json-file-of-the-folder-cannot-be-read",))


def damage(folder: Path) -> None:
    """Keep the first half."""
    cut(folder / "config.json", 0.5)


def provoke(bench: Workbench) -> None:
    """Load it."""
    refused(bench, lambda: load(bench), "JSON")
