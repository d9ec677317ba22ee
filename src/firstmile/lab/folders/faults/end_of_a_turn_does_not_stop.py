"""Configs and tokenizer end at the end of a text, and the template ends a turn by another token."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import runs_to_its_limit
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(
    base="llama-3",
    sees=("end-of-turn-does-not-stop-the-answer",),
    command="vllm serve model",
)


def damage(folder: Path) -> None:
    """Name the end of a text everywhere."""
    for name in ("config.json", "generation_config.json"):
        with edited(folder / name) as held:
            held["eos_token_id"] = 1
    with edited(folder / "tokenizer_config.json") as settings:
        settings |= {"eos_token": "<|end_of_text|>"}


def provoke(bench: Workbench) -> None:
    """Generate with a model that would end its turn."""
    runs_to_its_limit(bench, "<|eot_id|>")
