"""A variable hides every GPU from the run."""

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="qwen-2",
    sees=("visible-devices-hide-the-gpus",),
    command="CUDA_VISIBLE_DEVICES=-1 vllm serve model",
)


def provoke(bench: Workbench) -> None:
    """Ask torch for GPUs under the variable."""
    bench.fresh("import torch\nassert torch.cuda.device_count() == 0\n", CUDA_VISIBLE_DEVICES="-1")
