"""The generation config pads with a list of ids, which generation cannot use."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(base="llama-3", sees=("padding-token-of-generation-is-no-single-id",))


def damage(folder: Path) -> None:
    """Put the list there."""
    with edited(folder / "generation_config.json") as held:
        held["pad_token_id"] = [7, 1]
