"""The model file of sentencepiece is a saved web page."""

from pathlib import Path

from firstmile.lab.folders.editing import web_page
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load_tokenizer, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-2", sees=("tokenizer-file-is-a-pointer-or-a-web-page",))


def damage(folder: Path) -> None:
    """Put the page there, without the other file of the tokenizer."""
    web_page(folder / "tokenizer.model")
    (folder / "tokenizer.json").unlink()


def provoke(bench: Workbench) -> None:
    """Load the tokenizer."""
    refused(bench, lambda: load_tokenizer(bench))
