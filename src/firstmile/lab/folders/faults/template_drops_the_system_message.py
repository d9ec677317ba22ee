"""The template passes over what the system says."""

from pathlib import Path

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import chat
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="phi-3", sees=("chat-template-loses-what-was-said",), command="vllm serve model"
)


def damage(folder: Path) -> None:
    """Pass over it."""
    file = folder / "chat_template.jinja"
    text = file.read_text().replace(
        "{{- '<|' + message.role", "{%- if message.role != 'system' %}{{- '<|' + message.role"
    )
    file.write_text(text.replace("{%- endfor %}", "{%- endif %}{%- endfor %}"))


def provoke(bench: Workbench) -> None:
    """Say something as the system."""
    said = chat(bench, ("system", "Speak French."), ("user", "Hello"))
    assert "French" not in said
    bench.say(said)
