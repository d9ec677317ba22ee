"""Somebody edited the config by hand and left a comment and a comma that JSON does not allow."""

from pathlib import Path

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-2", sees=("json-file-of-the-folder-cannot-be-read",))


def damage(folder: Path) -> None:
    """Write the comment."""
    file = folder / "config.json"
    file.write_text(file.read_text().replace("{", "{\n  // longer texts", 1))


def provoke(bench: Workbench) -> None:
    """Load it."""
    refused(bench, lambda: load(bench), "JSON")
