"""A server is started for tools, and the template never shows them to the model."""

from pathlib import Path

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import chat
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="qwen-2",
    sees=("chat-template-shows-no-tools",),
    command="vllm serve model --enable-auto-tool-choice --tool-call-parser hermes",
)


def damage(folder: Path) -> None:
    """Put a template without tools there."""
    (folder / "chat_template.jinja").write_text(
        "{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' }}"
        "{{- (message.content or '') + '<|im_end|>\\n' }}{%- endfor %}"
        "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
    )


def provoke(bench: Workbench) -> None:
    """Offer a tool."""
    tool = {"type": "function", "function": {"name": "weather", "parameters": {}}}
    said = chat(bench, ("user", "Is it warm?"), tools=[tool])
    assert "weather" not in said
    bench.say(said)
