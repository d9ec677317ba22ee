"""The safetensors file was written without its format, which transformers of 2024 asks for."""

from pathlib import Path

from firstmile.lab.folders.editing import header
from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="llama-3-of-2024", sees=("safetensors-file-states-no-format",), machine="of_2024"
)


def damage(folder: Path) -> None:
    """Take it out of the header."""
    with header(folder / "model.safetensors") as held:
        del held["__metadata__"]
