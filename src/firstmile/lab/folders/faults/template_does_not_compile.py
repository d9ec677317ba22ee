"""A hand that edited the template left a loop open."""

from pathlib import Path

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import chat, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="llama-3", sees=("chat-template-cannot-be-rendered",), command="vllm serve model"
)


def damage(folder: Path) -> None:
    """Leave the loop open."""
    file = folder / "chat_template.jinja"
    file.write_text(file.read_text().replace("{%- endfor %}", "", 1))


def provoke(bench: Workbench) -> None:
    """Write a conversation."""
    refused(bench, lambda: chat(bench, ("user", "Hello")), "TemplateSyntaxError", "tag")
