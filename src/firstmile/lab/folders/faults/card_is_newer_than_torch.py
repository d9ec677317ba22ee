"""The card is of 2025, and the build of torch of 2024 has no code for it."""

from typing import TYPE_CHECKING

from firstmile.lab.folders.fault import FolderFault

if TYPE_CHECKING:
    from firstmile.facts.environment import Environment

FAULT = FolderFault(
    base="qwen-2", sees=("torch-build-has-no-code-for-this-gpu",), command="vllm serve model"
)


def machine() -> "Environment":
    """Return the computer."""
    from firstmile.check.worlds import gpu
    from firstmile.lab.folders import machines

    card = gpu("NVIDIA GeForce RTX 5090", 32, "12.0", driver="570.86.15")
    return machines.workstation(torch="2.5.1+cu124", gpus=[card])
