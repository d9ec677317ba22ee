"""Offline mode is on, and the model that the command names was never downloaded."""

from typing import TYPE_CHECKING

from firstmile.lab.folders.fault import FolderFault

if TYPE_CHECKING:
    from firstmile.facts.environment import Environment

FAULT = FolderFault(
    sees=("offline-mode-without-the-model-in-the-cache",),
    command="HF_HUB_OFFLINE=1 vllm serve Qwen/Qwen2.5-7B-Instruct",
)


def machine() -> "Environment":
    """Return a computer whose cache holds no model."""
    from msgspec.structs import replace

    from firstmile.lab.folders import machines

    return replace(machines.workstation(), cached_repositories=())
