"""The scaling says that the model learnt more positions than it shall have in the end."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="qwen-2", sees=("rope-scaling-contradicts-the-positions",), command="vllm serve model"
)


def damage(folder: Path) -> None:
    """Say so."""
    with edited(folder / "config.json") as config:
        config["rope_scaling"] = {
            "rope_type": "yarn",
            "factor": 4.0,
            "original_max_position_embeddings": 131072,
        }
