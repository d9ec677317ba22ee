"""An AWQ model lost the part of its config that says so."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import is_random
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-3-awq", sees=("quantized-tensors-have-no-quantization-config",))


def damage(folder: Path) -> None:
    """Take it out of the config."""
    with edited(folder / "config.json") as config:
        del config["quantization_config"]


def provoke(bench: Workbench) -> None:
    """Load it: the matrices are random."""
    is_random(bench, "q_proj")
