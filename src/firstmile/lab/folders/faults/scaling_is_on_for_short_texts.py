"""YaRN is on in the config, and the server is started for texts that need none."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="qwen-2",
    sees=("scaling-for-long-texts-is-on-though-texts-are-short",),
    command="vllm serve model --max-model-len 8192",
)


def damage(folder: Path) -> None:
    """Switch it on."""
    with edited(folder / "config.json") as config:
        config["max_position_embeddings"] = 131072
        config["rope_scaling"] = {
            "rope_type": "yarn",
            "factor": 4.0,
            "original_max_position_embeddings": 32768,
        }
