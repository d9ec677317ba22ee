"""A slow tokenizer needs SentencePiece, which is not installed."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/tokenizer",
    cause="environment/dependency-library",
    entry="sentencepiece-or-tiktoken-is-missing",
)


def run(bench: Workbench) -> None:
    """Hide the package and convert a tokenizer that needs it."""
    bench.model()
    bench.fresh(
        "from transformers.convert_slow_tokenizer import SentencePieceExtractor\n\n"
        "SentencePieceExtractor('model/tokenizer.model')\n",
        hidden=["sentencepiece"],
    )
