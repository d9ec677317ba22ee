"""A template from a stranger counts so far that the server never answers."""

from pathlib import Path

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="qwen-2", sees=("chat-template-cannot-be-rendered",), command="vllm serve model"
)


def damage(folder: Path) -> None:
    """Let it count."""
    file = folder / "chat_template.jinja"
    loop = "{% for i in range(10**9) %}{% if i == -1 %}.{% endif %}{% endfor %}"
    file.write_text(loop + file.read_text())
