"""A package built for NumPy 1 meets NumPy 2."""

from typing import TYPE_CHECKING

from firstmile.lab.folders.fault import FolderFault

if TYPE_CHECKING:
    from firstmile.facts.environment import Environment

FAULT = FolderFault(
    base="qwen-2",
    sees=("numpy-is-newer-than-modules-built-for-it",),
)


def machine() -> "Environment":
    """Return the computer."""
    from firstmile.lab.folders import machines

    older = {"transformers": "4.40.0", "numpy": "2.2.6", "tokenizers": "0.19.1"}
    return machines.workstation(
        torch="2.1.2+cu121", releases=older, without=("vllm", "sglang", "trl", "peft", "triton")
    )
