"""The generation config names an id that belongs to a word, so answers end in the middle."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(base="llama-3", sees=("generation-stops-at-a-token-of-text",))


def damage(folder: Path) -> None:
    """Name the start token as an end as well."""
    with edited(folder / "generation_config.json") as held:
        held["eos_token_id"] = [0, 5, 1]
