"""The repository of a GGUF was cloned without Git LFS."""

from pathlib import Path

from firstmile.lab.folders.editing import pointer
from firstmile.lab.folders.fault import MODEL, FolderFault
from firstmile.lab.folders.provoking import refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="qwen-2-gguf", sees=("weight-file-is-a-pointer-or-a-web-page",))


def damage(folder: Path) -> None:
    """Put the pointer there."""
    pointer(folder / "model.gguf")


def provoke(bench: Workbench) -> None:
    """Read it."""
    from firstmile.lab.libraries import gguf

    refused(bench, lambda: gguf.GGUFReader(bench.folder / MODEL / "model.gguf"), "magic")
