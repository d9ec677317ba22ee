"""A model that thinks is told to take the likeliest token each time, and repeats itself."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(base="qwen-3", sees=("thinking-model-is-decoded-greedily",))


def damage(folder: Path) -> None:
    """Switch sampling off in its settings."""
    with edited(folder / "generation_config.json") as held:
        held.clear()
        held.update(eos_token_id=[2, 0], do_sample=False)
