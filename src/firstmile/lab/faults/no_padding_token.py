"""A batch is padded by a tokenizer that has no padding token."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="loading/tokenizer",
    cause="tokenizer/control-token",
    entry="tokenizer-has-no-padding-token",
)


def run(bench: Workbench) -> None:
    """Remove the padding token and pad a batch."""
    _, tokenizer = bench.loaded()
    tokenizer.pad_token = None
    tokenizer(bench.rows(4), padding=True, return_tensors="pt")
