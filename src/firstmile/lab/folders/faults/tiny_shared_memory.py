"""A container has 64 MB of shared memory, and two GPUs talk through it."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="llama-3",
    sees=("shared-memory-of-the-container-is-small",),
    command="docker run --gpus all vllm/vllm-openai:v0.11.0 --model model --tensor-parallel-size 2",
    machine="server",
)
