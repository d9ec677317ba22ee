"""The template writes all roles by the same mark, so the model cannot tell who speaks."""

from pathlib import Path

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import chat
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="qwen-2", sees=("chat-template-writes-roles-alike",), command="vllm serve model"
)


def damage(folder: Path) -> None:
    """Mark all as the user."""
    (folder / "chat_template.jinja").write_text(
        "{%- for message in messages %}"
        "{{- '<|im_start|>user\\n' + message.content + '<|im_end|>\\n' }}{%- endfor %}"
        "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
    )


def provoke(bench: Workbench) -> None:
    """Write a conversation."""
    said = chat(bench, ("user", "Hello"), ("assistant", "Good day"))
    assert said.count("<|im_start|>user") == 2
    bench.say(said)
