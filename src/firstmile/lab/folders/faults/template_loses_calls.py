"""The template shows tools and forgets the calls that the model has made."""

from pathlib import Path

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="qwen-2",
    sees=("chat-template-loses-tool-calls",),
    command="vllm serve model --enable-auto-tool-choice --tool-call-parser hermes",
)


def damage(folder: Path) -> None:
    """Take the calls out."""
    file = folder / "chat_template.jinja"
    file.write_text(file.read_text().replace("message.tool_calls or []", "[]"))
