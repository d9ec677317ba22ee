"""Tokens were taken out of the vocabulary by hand while merges still make them."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load_tokenizer, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-3", sees=("tokenizer-does-not-load",))


def damage(folder: Path) -> None:
    """Take the last token out."""
    with edited(folder / "tokenizer.json") as held:
        words = held["model"]["vocab"]
        del words[max(words, key=words.__getitem__)]


def provoke(bench: Workbench) -> None:
    """Load the tokenizer."""
    refused(bench, lambda: load_tokenizer(bench), "out of vocabulary", "vocabulary", "merge")
