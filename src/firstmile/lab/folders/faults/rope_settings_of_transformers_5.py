"""A config saved by transformers 5 loses its RoPE scaling where version 4 reads it."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="llama-3-of-2026",
    sees=("rope-settings-are-in-the-form-of-transformers-five",),
    command="vllm serve model",
)
