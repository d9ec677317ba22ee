"""The first of three parts of a GGUF was downloaded alone."""

from pathlib import Path

from firstmile.lab.folders.fault import MODEL, FolderFault
from firstmile.lab.folders.provoking import refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    needs=("llama_cpp",),
    base="qwen-2-gguf",
    sees=("gguf-part-is-missing-or-renamed",),
    command="llama-server -m model/model-00001-of-00003.gguf",
)


def damage(folder: Path) -> None:
    """Write it as the first of three parts."""
    from firstmile.lab.libraries import gguf

    read = gguf.GGUFReader(folder / "model.gguf")
    writer = gguf.GGUFWriter(str(folder / "model-00001-of-00003.gguf"), "qwen2")
    for key, field in read.fields.items():
        if not key.startswith("GGUF.") and key != "general.architecture":
            kind = field.types[0]
            inner = field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
            writer.add_key_value(key, field.contents(), kind, sub_type=inner)
    writer.add_uint16("split.no", 0)
    writer.add_uint16("split.count", 3)
    writer.add_int32("split.tensors.count", len(read.tensors))
    for each in read.tensors[:9]:
        writer.add_tensor(each.name, each.data, raw_dtype=each.tensor_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    (folder / "model.gguf").unlink()


def provoke(bench: Workbench) -> None:
    """Load it with llama.cpp."""
    import importlib

    library = importlib.import_module("llama_cpp")
    file = str(bench.folder / MODEL / "model-00001-of-00003.gguf")
    refused(bench, lambda: library.Llama(file, verbose=False), "Failed to load model")
