"""A model that thinks is served without a parser that parts the thinking from the answer."""

from pathlib import Path

from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(
    base="qwen-3",
    sees=("thinking-is-not-parted-from-the-answer",),
    command="vllm serve model --max-model-len 8192",
)


def damage(folder: Path) -> None:
    """Let the prompt open the thinking, as templates of models do that think always."""
    file = folder / "chat_template.jinja"
    text = file.read_text()
    file.write_text(text.rpartition("{%- endif %}")[0] + "{{- '<think>\\n' }}{%- endif %}")
