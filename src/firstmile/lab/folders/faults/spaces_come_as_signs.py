"""The decoder was lost from tokenizer.json, so answers show the signs that stand for spaces."""

from pathlib import Path

from firstmile.lab.folders.editing import edited
from firstmile.lab.folders.fault import MODEL, FolderFault
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="qwen-2", sees=("text-is-lost-in-the-tokenizer",))


def damage(folder: Path) -> None:
    """Take the decoder out."""
    with edited(folder / "tokenizer.json") as held:
        held["decoder"] = None


def provoke(bench: Workbench) -> None:
    """Encode and decode with the library that engines use."""
    from firstmile.lab.libraries import tokenizers

    tokenizer = tokenizers.Tokenizer.from_file(str(bench.folder / MODEL / "tokenizer.json"))
    back = tokenizer.decode(tokenizer.encode("Hello World").ids)
    assert back != "Hello World"
    bench.say(back.encode("ascii", "backslashreplace").decode())
