"""The config of a GPTQ model states groups of 64, and the scales are there for groups of 32."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(base="llama-3-gptq", sees=("group-size-contradicts-the-scales",))


def damage(folder: Path) -> None:
    """State it."""
    with edited(folder / "config.json") as config:
        config["quantization_config"]["group_size"] = 64
