"""A rank of tensor parallelism would hold half a group of quantized numbers."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="llama-3-gptq",
    sees=("quantized-groups-are-cut-by-the-tensor-parallel-size",),
    machine="server",
    command="vllm serve model --tensor-parallel-size 8",
)
