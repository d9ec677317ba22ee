"""torch was installed for the CPU alone on a computer with a GPU."""

from typing import TYPE_CHECKING

from firstmile.lab.folders.fault import FolderFault

if TYPE_CHECKING:
    from firstmile.facts.environment import Environment

FAULT = FolderFault(
    base="qwen-2", sees=("torch-is-built-for-the-cpu-beside-a-gpu",), command="vllm serve model"
)


def machine() -> "Environment":
    """Return the computer."""
    from firstmile.lab.folders import machines

    return machines.workstation(torch="2.8.0+cpu")
