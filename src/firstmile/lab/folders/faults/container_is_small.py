"""A container may use 16 GB, and the model has 141."""

from typing import TYPE_CHECKING

from firstmile.lab.folders.fault import FolderFault

if TYPE_CHECKING:
    from firstmile.facts.environment import Environment

FAULT = FolderFault(
    base="llama-70b",
    sees=("memory-limit-of-the-container-is-too-small",),
    command="transformers chat model",
)


def machine() -> "Environment":
    """Return a computer whose container is limited."""
    from firstmile.facts.environment import Cgroup
    from firstmile.lab.folders import machines

    limit = Cgroup(
        version=2,
        memory_limit_bytes=16 * 1024**3,
        memory_used_bytes=0,
        swap_limit_bytes=None,
        cpus=None,
        pids_limit=None,
        oom_kills=None,
    )
    return machines.laptop(memory_gib=512, cgroup=limit, container="docker")
