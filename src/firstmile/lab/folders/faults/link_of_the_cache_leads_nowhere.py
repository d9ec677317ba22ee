"""The blobs of the Hub cache were cleaned up, and the links of the snapshot lead to nothing."""

from pathlib import Path

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="qwen-2", sees=("link-of-the-folder-leads-nowhere",))


def damage(folder: Path) -> None:
    """Put a link to nothing in the place of the weights."""
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").symlink_to("../../blobs/4d7a214614ab2935c943f9e0ff69d22e")


def provoke(bench: Workbench) -> None:
    """Load it."""
    refused(bench, lambda: load(bench), "model.safetensors", "No such file")
