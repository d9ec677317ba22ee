"""The tokenizer was saved by transformers 5, and 4.46 does not know its class."""

from firstmile.lab.fault import OLDER, Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/tokenizer",
    cause="environment/dependency-library",
    entry="tokenizer-class-is-newer-than-transformers",
    environment=OLDER,
)


def run(bench: Workbench) -> None:
    """Name the class and load the tokenizer."""
    from firstmile.lab.libraries import transformers

    folder = bench.model()
    with bench.edited(folder / "tokenizer_config.json") as config:
        config["tokenizer_class"] = "TokenizersBackend"
    transformers.AutoTokenizer.from_pretrained(folder)
