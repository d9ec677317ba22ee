"""A converter wrote a GGUF without the number of layers, without which no engine loads it."""

from pathlib import Path

from firstmile.lab.folders.fault import MODEL, FolderFault
from firstmile.lab.folders.provoking import refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    needs=("llama_cpp",),
    base="llama-3-gguf",
    sees=("gguf-lacks-settings-of-its-architecture",),
    command="llama-server -m model/model.gguf",
)


def damage(folder: Path) -> None:
    """Call the number by another name of the same length."""
    data = (folder / "model.gguf").read_bytes()
    name = b"llama.block_count"
    key = len(name).to_bytes(8, "little") + name
    (folder / "model.gguf").write_bytes(data.replace(key, key[:-5] + b"total", 1))


def provoke(bench: Workbench) -> None:
    """Load it with llama.cpp."""
    import importlib

    library = importlib.import_module("llama_cpp")
    file = str(bench.folder / MODEL / "model.gguf")
    refused(bench, lambda: library.Llama(file, verbose=False), "Failed to load model")
