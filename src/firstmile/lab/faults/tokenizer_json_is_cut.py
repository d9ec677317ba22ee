"""The tokenizer.json lost its end while it was copied."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/tokenizer",
    cause="tokenizer/file",
    entry="tokenizer-model-file-is-of-another-format-or-broken",
)


def run(bench: Workbench) -> None:
    """Cut the file and load the tokenizer."""
    from firstmile.lab.libraries import transformers

    folder = bench.model()
    file = folder / "tokenizer.json"
    file.write_text(file.read_text()[:3_000])
    transformers.PreTrainedTokenizerFast(tokenizer_file=str(file))
