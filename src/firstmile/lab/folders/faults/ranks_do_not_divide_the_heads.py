"""Eight heads are to be spread over three GPUs."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="llama-3",
    sees=("tensor-parallel-size-does-not-divide-the-heads",),
    machine="server",
    command="vllm serve model --tensor-parallel-size 3",
)
