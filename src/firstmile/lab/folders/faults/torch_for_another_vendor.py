"""A torch for CUDA is installed on a machine with accelerators of AMD."""

from typing import TYPE_CHECKING

from firstmile.lab.folders.fault import FolderFault

if TYPE_CHECKING:
    from firstmile.facts.environment import Environment

FAULT = FolderFault(
    base="qwen-2", sees=("torch-is-built-for-another-vendors-gpus",), command="vllm serve model"
)


def machine() -> "Environment":
    """Return the server."""
    from firstmile.lab.folders import machines

    return machines.instinct(torch="2.8.0+cu128")
