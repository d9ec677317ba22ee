"""An older template stands in the settings, a newer one in a file, and engines take either."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault

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
