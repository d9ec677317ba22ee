"""Another process holds most of the card that the server is to take."""

from typing import TYPE_CHECKING

from firstmile.lab.folders.fault import FolderFault

if TYPE_CHECKING:
    from firstmile.facts.environment import Environment

FAULT = FolderFault(
    base="qwen-2",
    sees=("memory-that-the-server-takes-is-not-free",),
    command="vllm serve model --gpu-memory-utilization 0.9",
)


def machine() -> "Environment":
    """Return the computer."""
    from firstmile.check.worlds import gpu
    from firstmile.lab.folders import machines

    return machines.workstation(
        gpus=[gpu("NVIDIA GeForce RTX 4090", 24, "8.9", driver="570.86.15", used_gib=18)]
    )
