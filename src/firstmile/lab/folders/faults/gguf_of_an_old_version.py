"""The GGUF was written in the first version of the format, which llama.cpp no longer reads."""

from pathlib import Path

from firstmile.lab.folders.fault import MODEL, FolderFault
from firstmile.lab.folders.provoking import refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="llama-3-gguf",
    sees=("gguf-header-is-refused",),
    command="llama-server -m model/model.gguf",
)


def damage(folder: Path) -> None:
    """State version 1."""
    data = bytearray((folder / "model.gguf").read_bytes())
    data[4:8] = (1).to_bytes(4, "little")
    (folder / "model.gguf").write_bytes(data)


def provoke(bench: Workbench) -> None:
    """Read it."""
    from firstmile.lab.libraries import gguf

    refused(bench, lambda: gguf.GGUFReader(bench.folder / MODEL / "model.gguf"), "ersion")
