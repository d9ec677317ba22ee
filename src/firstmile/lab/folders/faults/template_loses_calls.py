"""The template shows tools and forgets the calls that the model has made."""

from pathlib import Path

from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load_tokenizer
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="qwen-2",
    sees=("chat-template-loses-tool-calls",),
    command="vllm serve model --enable-auto-tool-choice --tool-call-parser hermes",
)


def damage(folder: Path) -> None:
    """Take the calls out."""
    file = folder / "chat_template.jinja"
    file.write_text(file.read_text().replace("message.tool_calls or []", "[]"))


def provoke(bench: Workbench) -> None:
    """Write a conversation in which the model has called a tool."""
    called = {"name": "weather", "arguments": {"city": "Oslo"}}
    calls = [{"type": "function", "function": called}]
    told = [
        {"role": "user", "content": "Is it cold?"},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": calls,
        },
    ]
    text = str(load_tokenizer(bench).apply_chat_template(told, tokenize=False))
    assert "Oslo" not in text, text
    bench.say("the call is not in the prompt")
