"""The template ignores that an answer is wanted, so the model goes on as the user."""

from pathlib import Path

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import chat
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="qwen-2",
    sees=("chat-template-has-no-generation-prompt",),
    command="vllm serve model",
)


def damage(folder: Path) -> None:
    """Take the prompt out."""
    file = folder / "chat_template.jinja"
    file.write_text(file.read_text().rpartition("{%- if add_generation_prompt %}")[0])


def provoke(bench: Workbench) -> None:
    """Ask for the prompt."""
    said = chat(bench, ("user", "Hello"), add_generation_prompt=True)
    assert "assistant" not in said
    bench.say(said)
