"""The routers of a mixture were left out when the experts were quantized one by one."""

from pathlib import Path

from firstmile.lab.folders.editing import tensors
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import is_random
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="mixtral", sees=("tensors-of-the-architecture-are-missing",))


def damage(folder: Path) -> None:
    """Remove the routers."""
    with tensors(folder) as held:
        for name in [name for name in held if name.endswith(("gate.weight", "router.weight"))]:
            del held[name]


def provoke(bench: Workbench) -> None:
    """Load it."""
    is_random(bench, "gate")
