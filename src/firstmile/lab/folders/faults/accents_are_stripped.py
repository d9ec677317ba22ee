"""A normalizer takes accents away, which changes names and whole languages."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import FolderFault
from firstmile.lab.folders.provoking import load_tokenizer
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-3", sees=("text-is-lost-in-the-tokenizer",))


def damage(folder: Path) -> None:
    """Put the normalizer there."""
    with edited(folder / "tokenizer.json") as held:
        parts = [{"type": "NFD"}, {"type": "StripAccents"}]
        held["normalizer"] = {"type": "Sequence", "normalizers": parts}


def provoke(bench: Workbench) -> None:
    """Encode and decode."""
    tokenizer = load_tokenizer(bench)
    back = tokenizer.decode(tokenizer("déjà vu", add_special_tokens=False).input_ids)
    assert back != "déjà vu"
    bench.say(back)
