"""A model for embeddings is served for chats."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="qwen-2", sees=("model-is-not-made-to-write-text",), command="vllm serve model"
)


def damage(folder: Path) -> None:
    """State the architecture of a classifier."""
    with edited(folder / "config.json") as config:
        config["architectures"] = ["Qwen2ForSequenceClassification"]
