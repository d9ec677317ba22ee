"""Only weights and tokenizer were copied to the server, without the config."""

from pathlib import Path

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="qwen-3", sees=("config-json-is-missing",))


def damage(folder: Path) -> None:
    """Remove it."""
    (folder / "config.json").unlink()


def provoke(bench: Workbench) -> None:
    """Load it."""
    refused(bench, lambda: load(bench), "config.json", "model_type")
