"""The template writes the last message alone, so the model forgets the conversation."""

from pathlib import Path

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import chat
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="llama-3", sees=("chat-template-loses-what-was-said",), command="vllm serve model"
)


def damage(folder: Path) -> None:
    """Begin with the last."""
    file = folder / "chat_template.jinja"
    text = file.read_text()
    file.write_text(text.replace("for message in messages", "for message in messages[-1:]"))


def provoke(bench: Workbench) -> None:
    """Say two things."""
    said = chat(bench, ("user", "I am Ann."), ("assistant", "Hello."), ("user", "Who am I?"))
    assert "Ann" not in said
    bench.say(said)
