"""The file of the slow tokenizer comes from another model, so slow and fast give other ids."""

from pathlib import Path

from firstmile.lab.folders.fault import MODEL, FolderFault
from firstmile.lab.folders.provoking import load_tokenizer
from firstmile.lab.workbench import Workbench

FAULT = FolderFault(base="llama-2", sees=("slow-and-fast-tokenizer-files-differ",))


def damage(folder: Path) -> None:
    """Train another one."""
    from firstmile.lab.folders.vocabularies import write_sentencepiece

    write_sentencepiece(folder, algorithm="unigram")


def provoke(bench: Workbench) -> None:
    """Encode with both."""
    from firstmile.lab.libraries import sentencepiece

    text = "The weather in Paris is warm."
    slow = sentencepiece.SentencePieceProcessor(str(bench.folder / MODEL / "tokenizer.model"))
    fast = load_tokenizer(bench)
    assert slow.encode(text) != fast(text, add_special_tokens=False).input_ids
    bench.say(f"slow {slow.encode(text)[:8]}")
