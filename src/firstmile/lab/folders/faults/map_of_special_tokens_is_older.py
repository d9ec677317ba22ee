"""The map of special tokens still names the end token of the base model."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="llama-3-of-2024", sees=("special-tokens-map-contradicts-the-tokenizer-config",)
)


def damage(folder: Path) -> None:
    """Name it."""
    with edited(folder / "special_tokens_map.json") as held:
        held |= {"eos_token": "<|end_of_text|>"}
