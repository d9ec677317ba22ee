"""The template raises an error for a system message, and clients of the server send one."""

from pathlib import Path

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import chat, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="gemma-2",
    sees=("chat-template-refuses-system-messages",),
    command="vllm serve model",
)


def damage(folder: Path) -> None:
    """Raise the error."""
    file = folder / "chat_template.jinja"
    file.write_text(
        "{%- if messages[0].role == 'system' %}"
        "{{- raise_exception('System role not supported') }}{%- endif %}" + file.read_text()
    )


def provoke(bench: Workbench) -> None:
    """Say something as the system."""
    said = (("system", "Speak French."), ("user", "Hello"))
    refused(bench, lambda: chat(bench, *said), "System role not supported")
