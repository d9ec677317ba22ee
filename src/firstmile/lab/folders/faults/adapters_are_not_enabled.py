"""Adapters are named to a server that is not told to take any."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="llama-3-lora",
    sees=("adapters-are-named-but-not-enabled",),
    command="vllm serve base --lora-modules mine=model",
)
