"""Rows of different lengths are made into one tensor without padding."""

from firstmile.lab.fault import Fault
from firstmile.lab.workbench import Workbench

FAULT = Fault(
    symptom="crash/value/value-error",
    cause="api/call-parameter",
    entry="batch-is-not-rectangular-in-the-data-collator",
)


def run(bench: Workbench) -> None:
    """Tokenize a batch without padding."""
    _, tokenizer = bench.loaded()
    tokenizer(bench.rows(4), return_tensors="pt")
