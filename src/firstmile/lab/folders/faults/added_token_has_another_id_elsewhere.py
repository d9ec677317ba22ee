"""The settings of the tokenizer state another id for a token than its file does."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault

FAULT = FolderFault(base="qwen-2", sees=("added-token-has-two-ids",))


def damage(folder: Path) -> None:
    """State other ids in the settings."""
    with edited(folder / "tokenizer_config.json") as settings:
        settings["added_tokens_decoder"] = {
            str(number): {
                "content": text,
                "special": True,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "single_word": False,
            }
            for number, text in ((0, "<|endoftext|>"), (1, "<|im_end|>"), (2, "<|im_start|>"))
        }
