"""A gated model was fetched without a token, and the sign-in page was saved as the weights."""

from pathlib import Path

from firstmile.lab.folders.editing import web_page
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-3", sees=("weight-file-is-a-pointer-or-a-web-page",))


def damage(folder: Path) -> None:
    """Put the page there."""
    web_page(folder / "model.safetensors")


def provoke(bench: Workbench) -> None:
    """Load it."""
    refused(bench, lambda: load(bench), "header", "Header")
