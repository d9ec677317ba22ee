"""A download was interrupted, and the rest of it lies beside files that look whole."""

from pathlib import Path

from firstmile.lab.folders.editing import cut
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-3-sharded", sees=("download-of-a-file-was-not-finished",))


def damage(folder: Path) -> None:
    """Rename a shard as downloaders call what is not whole."""
    file = sorted(folder.glob("model-*.safetensors"))[0]
    cut(file)
    file.rename(file.with_name(file.name + ".incomplete"))


def provoke(bench: Workbench) -> None:
    """Load it."""
    refused(bench, lambda: load(bench), "model-00001", "No such file", "does not appear")
