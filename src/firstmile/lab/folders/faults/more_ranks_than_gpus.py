"""Eight ranks are asked of a computer with one GPU."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="llama-3",
    sees=("parallel-size-is-larger-than-the-visible-gpus",),
    command="vllm serve model --tensor-parallel-size 8",
)
