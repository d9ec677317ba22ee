"""A server is given the folder of an adapter as if it were a whole model."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="llama-3-lora",
    sees=("adapter-folder-is-given-as-a-model",),
    command="vllm serve model",
)
