"""The settings name templates for tools and retrieval, and none of them is the default."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import chat, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="llama-3-of-2024",
    sees=("named-chat-templates-lack-a-default",),
    command="vllm serve model",
)


def damage(folder: Path) -> None:
    """Name the only template after tools."""
    with edited(folder / "tokenizer_config.json") as settings:
        text = settings["chat_template"]
        settings["chat_template"] = [
            {"name": "tool_use", "template": text},
            {"name": "rag", "template": text},
        ]


def provoke(bench: Workbench) -> None:
    """Write a conversation."""
    refused(bench, lambda: chat(bench, ("user", "Hello")), "default", "template")
