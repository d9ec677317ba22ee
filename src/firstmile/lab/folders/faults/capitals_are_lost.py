"""A normalizer of another kind of model makes all text small, which a chat model never saw."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load_tokenizer
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="qwen-3", sees=("text-is-lost-in-the-tokenizer",))


def damage(folder: Path) -> None:
    """Put the normalizer there."""
    with edited(folder / "tokenizer.json") as held:
        held["normalizer"] = {"type": "Lowercase"}


def provoke(bench: Workbench) -> None:
    """Encode and decode."""
    tokenizer = load_tokenizer(bench)
    back = tokenizer.decode(tokenizer("Hello World").input_ids)
    assert back != "Hello World"
    bench.say(back)
