"""An older set of shards lies beside the new weights, and tools differ in which one they take."""

import shutil
from pathlib import Path

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(base="llama-2", sees=("weights-of-two-exports-lie-in-one-folder",))


def damage(folder: Path) -> None:
    """Put a shard of a larger set beside the weights."""
    shutil.copy(folder / "model.safetensors", folder / "model-00001-of-00002.safetensors")
    shutil.copy(folder / "model.safetensors", folder / "model-00002-of-00002.safetensors")
