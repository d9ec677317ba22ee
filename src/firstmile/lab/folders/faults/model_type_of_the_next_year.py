"""A model of 2025 is to be loaded by transformers of 2024."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="qwen-3", sees=("model-type-is-newer-than-transformers",), machine="of_2024"
)
