"""A model in 8-bit floats lost the part of its config that tells of scales."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import is_left_out
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="qwen-3-fp8", sees=("quantized-tensors-have-no-quantization-config",))


def damage(folder: Path) -> None:
    """Take it out of the config."""
    with edited(folder / "config.json") as config:
        del config["quantization_config"]


def provoke(bench: Workbench) -> None:
    """Load it: the scales are passed over."""
    is_left_out(bench, "scale")
