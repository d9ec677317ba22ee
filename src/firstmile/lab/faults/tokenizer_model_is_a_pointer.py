"""The tokenizer.model is a pointer of Git LFS, and SentencePiece cannot read it."""

import importlib

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/tokenizer",
    cause="tokenizer/file",
    entry="tokenizer-model-file-is-of-another-format-or-broken",
)


def run(bench: Workbench) -> None:
    """Put a pointer in the place of the tokenizer's model and read it."""
    sentencepiece = importlib.import_module("sentencepiece")
    file = bench.folder / "tokenizer.model"
    bench.put_pointer(file, size=499_723)
    sentencepiece.SentencePieceProcessor(model_file=str(file))
