"""The template writes the start token, and so does a line that somebody added above it."""

from pathlib import Path

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import chat
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="llama-3", sees=("start-token-is-written-twice",), command="vllm serve model"
)


def damage(folder: Path) -> None:
    """Write it once more."""
    file = folder / "chat_template.jinja"
    file.write_text("{{- bos_token }}" + file.read_text())


def provoke(bench: Workbench) -> None:
    """Write a conversation."""
    said = chat(bench, ("user", "Hello"))
    assert said.count("<|begin_of_text|>") == 2
    bench.say(said)
