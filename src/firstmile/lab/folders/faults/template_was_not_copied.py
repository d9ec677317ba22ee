"""The template stands in a file of its own since 2025, and was not copied with the rest."""

from pathlib import Path

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import chat, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="qwen-3", sees=("chat-template-is-missing",), command="vllm serve model")


def damage(folder: Path) -> None:
    """Remove it."""
    (folder / "chat_template.jinja").unlink()


def provoke(bench: Workbench) -> None:
    """Write a conversation."""
    refused(bench, lambda: chat(bench, ("user", "Hello")), "chat_template", "template")
