"""The adapter has rank 64, and the server takes up to 16 unless it is told."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="qwen-2-lora",
    sees=("adapter-rank-is-above-the-server-limit",),
    command="vllm serve base --enable-lora --lora-modules mine=model",
)
