"""The tokenizer is a model file of sentencepiece alone, and its package is not installed."""

from pathlib import Path
from typing import TYPE_CHECKING

from firstmile.lab.folders.fault import FolderFault

if TYPE_CHECKING:
    from firstmile.facts.environment import Environment

FAULT = FolderFault(base="llama-2", sees=("tokenizer-needs-a-package-that-is-missing",))


def damage(folder: Path) -> None:
    """Keep that file alone."""
    (folder / "tokenizer.json").unlink()


def machine() -> "Environment":
    """Return a computer without the package."""
    from firstmile.lab.folders import machines

    return machines.workstation(without=("sentencepiece", "vllm", "sglang", "mistral-common"))
