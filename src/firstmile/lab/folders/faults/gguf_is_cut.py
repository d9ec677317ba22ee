"""The download of a GGUF broke off in the middle of its tensors."""

from pathlib import Path

from firstmile.lab.folders.editing import cut
from firstmile.lab.folders.fault import MODEL, FolderFault
from firstmile.lab.folders.provoking import refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="llama-3-gguf",
    sees=("gguf-file-is-cut",),
    command="llama-server -m model/model.gguf",
)


def damage(folder: Path) -> None:
    """Keep a part."""
    cut(folder / "model.gguf")


def provoke(bench: Workbench) -> None:
    """Read it."""
    from firstmile.lab.libraries import gguf

    refused(bench, lambda: gguf.GGUFReader(bench.folder / MODEL / "model.gguf"))
