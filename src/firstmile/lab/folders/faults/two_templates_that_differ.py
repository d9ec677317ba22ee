"""An older template stands in the settings, a newer one in a file, and engines take either."""

import json
from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import MODEL, FolderFault
from firstmile.lab.folders.provoking import chat, load_tokenizer
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="llama-3", sees=("chat-templates-of-the-folder-differ",), command="vllm serve model"
)


def damage(folder: Path) -> None:
    """Put another one into the settings."""
    with edited(folder / "tokenizer_config.json") as settings:
        settings["chat_template"] = (
            "{%- for message in messages %}{{- message.role + ': ' + message.content + '\\n' }}"
            "{%- endfor %}{{- 'assistant: ' }}"
        )


def provoke(bench: Workbench) -> None:
    """Write one conversation by both."""
    file = bench.folder / MODEL / "tokenizer_config.json"
    other = json.loads(file.read_text(encoding="utf-8"))["chat_template"]
    told = [{"role": "user", "content": "Hi"}]
    ours = load_tokenizer(bench).apply_chat_template(told, tokenize=False, chat_template=other)
    assert chat(bench, ("user", "Hi")) != ours
    bench.say("transformers takes the file; the settings would give another prompt")
