"""The index of the weights was written by hand and leaves out a matrix that lies in a shard."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(base="llama-3-sharded", sees=("index-leaves-out-weights",))


def damage(folder: Path) -> None:
    """Take the matrix out of the index."""
    with edited(folder / "model.safetensors.index.json") as index:
        del index["weight_map"]["model.layers.1.mlp.down_proj.weight"]
