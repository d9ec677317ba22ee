"""A fine-tuning gave the tokenizer another end token than the configs name, so answers run on."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import runs_to_its_limit
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="qwen-2", sees=("end-of-turn-does-not-stop-the-answer",))


def damage(folder: Path) -> None:
    """Let the configs know the old one alone."""
    for name in ("config.json", "generation_config.json"):
        with edited(folder / name) as held:
            held["eos_token_id"] = 0


def provoke(bench: Workbench) -> None:
    """Generate with a model that would end its turn."""
    runs_to_its_limit(bench, "<|im_end|>")
