"""The driver is older than the CUDA that torch was built for."""

from typing import TYPE_CHECKING

from firstmile.lab.folders.fault import FolderFault

if TYPE_CHECKING:
    from firstmile.facts.environment import Environment

FAULT = FolderFault(
    base="qwen-2", sees=("driver-is-too-old-for-the-cuda-of-torch",), command="vllm serve model"
)


def machine() -> "Environment":
    """Return the computer."""
    from firstmile.check.worlds import gpu
    from firstmile.facts.environment import Cuda
    from firstmile.lab.folders import machines

    card = gpu("NVIDIA GeForce RTX 4090", 24, "8.9", driver="470.57.02")
    cuda = Cuda(driver="470.57.02", driver_supports="11.4", toolkit=None, toolkit_path=None)
    return machines.workstation(gpus=[card], cuda=cuda)
