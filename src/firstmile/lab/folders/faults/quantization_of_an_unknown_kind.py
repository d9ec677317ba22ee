"""The config names a quantization that the installed libraries do not have."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import is_random
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="llama-3-gptq",
    sees=("quantization-method-is-unknown-to-the-library",),
    command="vllm serve model",
)


def damage(folder: Path) -> None:
    """Name it."""
    with edited(folder / "config.json") as config:
        config["quantization_config"]["quant_method"] = "vptq9"


def provoke(bench: Workbench) -> None:
    """Load it: the quantization is passed over, and the matrices are random."""
    is_random(bench, "q_proj")
