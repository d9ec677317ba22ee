"""The weights fill two cards of 80 GB, and nothing is left for keys and values."""

from typing import TYPE_CHECKING

from firstmile.lab.folders.fault import FolderFault

if TYPE_CHECKING:
    from firstmile.facts.environment import Environment

FAULT = FolderFault(
    base="llama-70b",
    sees=(
        "context-does-not-fit-in-the-space-for-keys-and-values",
        "keys-and-values-do-not-fit-beside-the-weights",
    ),
    command="vllm serve model --tensor-parallel-size 2 --max-model-len 131072",
)


def machine() -> "Environment":
    """Return a server with two cards."""
    from firstmile.lab.folders import machines

    return machines.server(2)
