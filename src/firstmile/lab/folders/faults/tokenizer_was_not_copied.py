"""Weights and config were copied without the files of the tokenizer."""

from pathlib import Path

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load_tokenizer, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="llama-3", sees=("tokenizer-files-are-missing",), command="vllm serve model"
)


def damage(folder: Path) -> None:
    """Remove them."""
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        (folder / name).unlink()


def provoke(bench: Workbench) -> None:
    """Load the tokenizer."""
    refused(bench, lambda: load_tokenizer(bench))
