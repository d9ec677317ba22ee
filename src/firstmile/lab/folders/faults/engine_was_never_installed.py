"""The command starts vLLM, which is not installed in this Python."""

from typing import TYPE_CHECKING

from firstmile.lab.folders.fault import FolderFault

if TYPE_CHECKING:
    from firstmile.facts.environment import Environment

FAULT = FolderFault(base="llama-3", sees=("engine-is-not-installed",), command="vllm serve model")


def machine() -> "Environment":
    """Return the computer."""
    from firstmile.lab.folders import machines

    return machines.workstation(without=("vllm",))
