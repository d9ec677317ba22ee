"""The settings of a GGUF announce layers that it does not hold."""

from pathlib import Path

from firstmile.lab.folders.fault import MODEL, FolderFault
from firstmile.lab.folders.provoking import refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    needs=("llama_cpp",),
    base="llama-3-gguf",
    sees=("gguf-tensors-contradict-its-settings",),
    command="llama-server -m model/model.gguf",
)


def damage(folder: Path) -> None:
    """State four layers of two."""
    data = (folder / "model.gguf").read_bytes()
    key = b"llama.block_count" + (4).to_bytes(4, "little")
    place = data.index(key) + len(key)
    (folder / "model.gguf").write_bytes(data[:place] + b"\4" + data[place + 1 :])


def provoke(bench: Workbench) -> None:
    """Load it with llama.cpp."""
    import importlib

    library = importlib.import_module("llama_cpp")
    file = str(bench.folder / MODEL / "model.gguf")
    refused(bench, lambda: library.Llama(file, verbose=False), "Failed to load model")
