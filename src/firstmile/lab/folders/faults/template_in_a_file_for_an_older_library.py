"""The template stands in a file of its own, which transformers of 2024 does not read."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="qwen-2",
    sees=("chat-template-needs-a-newer-transformers",),
    machine="of_2024",
    command="vllm serve model",
)
