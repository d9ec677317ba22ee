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
    file.write_text(
        "version https://git-lfs.github.com/spec/v1\n"
        f"oid sha256:{'9e556afd44213b6bd1be2b850ebbbd98' * 2}\nsize 499723\n"
    )
    sentencepiece.SentencePieceProcessor(model_file=str(file))
