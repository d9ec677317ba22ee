"""YaRN was switched on for long texts without the factor that it needs."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="qwen-2", sees=("rope-scaling-lacks-what-its-kind-needs",), command="vllm serve model"
)


def damage(folder: Path) -> None:
    """Switch it on."""
    with edited(folder / "config.json") as config:
        config["rope_scaling"] = {
            "rope_type": "yarn",
            "original_max_position_embeddings": 32768,
        }


def provoke(bench: Workbench) -> None:
    """Load it."""
    refused(bench, lambda: load(bench), "factor")
