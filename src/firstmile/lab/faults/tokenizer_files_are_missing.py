"""The folder has the weights and the config, and no file of the tokenizer."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/tokenizer",
    cause="tokenizer/file",
    entry="tokenizer-model-file-is-missing",
)


def run(bench: Workbench) -> None:
    """Remove the tokenizer's files and load it."""
    from firstmile.lab.libraries import transformers

    folder = bench.model()
    for file in (*folder.glob("token*"), *folder.glob("*.jinja"), *folder.glob("special*")):
        file.unlink()
    transformers.AutoTokenizer.from_pretrained(folder)
