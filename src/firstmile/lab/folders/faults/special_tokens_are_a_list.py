"""A tokenizer saved by transformers 5 lists further special tokens, which version 4 cannot read."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(base="qwen-3", sees=("special-tokens-are-a-list-for-an-older-transformers",))


def damage(folder: Path) -> None:
    """List them."""
    with edited(folder / "tokenizer_config.json") as settings:
        settings["extra_special_tokens"] = ["<think>", "</think>"]
