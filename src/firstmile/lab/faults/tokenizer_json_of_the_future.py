"""The tokenizer.json has parts that this release of tokenizers does not know."""

from firstmile.lab.fault import OLDER, Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/tokenizer",
    cause="environment/dependency-library",
    entry="tokenizer-json-is-newer-than-the-tokenizers-library",
    environment=OLDER,
)


def run(bench: Workbench) -> None:
    """Name a part of the future and load the tokenizer."""
    from firstmile.lab.libraries import transformers

    folder = bench.model()
    with bench.edited(folder / "tokenizer.json") as parts:
        parts["model"]["type"] = "BPE2"
        parts["pre_tokenizer"] = {"type": "ByteLevel2", "chunk": True}
    transformers.AutoTokenizer.from_pretrained(folder)
