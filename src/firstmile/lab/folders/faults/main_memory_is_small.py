"""A model of 141 GB is to be computed by the processor of a laptop with 32 GB."""

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="llama-70b",
    sees=("main-memory-is-too-small-for-the-run",),
    machine="laptop",
    command="transformers chat model",
)
