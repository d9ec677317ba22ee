"""A folder saved by transformers 5 is served by an engine that has version 4."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="llama-3-of-2026",
    sees=("tokenizer-class-is-newer-than-the-installed-transformers",),
    command="vllm serve model",
)
