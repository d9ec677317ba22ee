"""The template raises an error where a user says two things in a row, as clients send them."""

from pathlib import Path

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import chat, refused
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="gemma-3",
    sees=("chat-template-refuses-two-user-messages-in-a-row",),
    command="vllm serve model",
)


def damage(folder: Path) -> None:
    """Raise the error."""
    file = folder / "chat_template.jinja"
    file.write_text(
        "{%- for one in messages if one.role != 'system' %}"
        "{%- if (one.role == 'user') != (loop.index0 % 2 == 0) %}"
        "{{- raise_exception('Roles must alternate') }}{%- endif %}{%- endfor %}" + file.read_text()
    )


def provoke(bench: Workbench) -> None:
    """Say two things."""
    said = (("user", "Hello"), ("user", "Is it warm?"))
    refused(bench, lambda: chat(bench, *said), "Roles must alternate")
