"""One of several shards was never downloaded, and the index still names it."""

from pathlib import Path

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-3-sharded", sees=("shard-named-in-the-index-is-missing",))


def damage(folder: Path) -> None:
    """Remove the second shard."""
    sorted(folder.glob("model-*.safetensors"))[1].unlink()


def provoke(bench: Workbench) -> None:
    """Load it."""
    refused(bench, lambda: load(bench), "model-00002", "does not appear", "No such file")
