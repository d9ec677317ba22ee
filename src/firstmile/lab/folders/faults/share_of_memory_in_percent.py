"""The share of memory is given in percent, where a number up to 1 is meant."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="llama-3",
    sees=("memory-share-is-not-between-zero-and-one",),
    command="vllm serve model --gpu-memory-utilization 90",
)
