"""Each record of the data is whole and holds text.

Why: a line that is no JSON stops datasets while the data is made ("Failed to load JSON", "JSON
parse error"), often after minutes. A record without any text is tokenized to nothing: TRL stops at
an empty list of messages ("list index out of range"), and an empty text gives a loss of 0 or nan.

Fix: repair or drop these records; the first one is named by its number.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.intent import Dataset, Intent
from firstmile.check.training_sizes import training_in
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    warned,
)
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    references=("https://huggingface.co/docs/datasets/loading",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Count what is broken and what is empty."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if not training.datasets:
        return does_not_apply("the command names no data file")
    read = [each for each in training.datasets if each.records]
    if not read:
        return not_known("the records of the data")
    for each in read:
        if each.broken:
            tell = warned if each.form == "csv" else failed
            first = f", the first is number {each.first_broken}" if each.first_broken else ""
            return tell(
                f"Of {counted(each.records, 'record')} of {each.path} {each.broken:,} cannot "
                f"be read{first}.",
                seen(counted(each.broken, "broken record"), file=each.path),
                remedy="Repair or drop them: each line has to be one JSON object."
                if each.form != "csv"
                else "Give each row as many fields as the first, in quotation marks.",
            )
    for each in read:
        if each.empty:
            return warned(
                f"Of {counted(each.records, 'record')} of {each.path} {each.empty:,} "
                f"{'holds' if each.empty == 1 else 'hold'} no text.",
                seen(counted(each.empty, "empty record"), file=each.path),
                remedy="Drop the empty records before the training.",
            )
    return passed(
        f"Each of {counted(sum(each.records for each in read), 'record')} that was read holds text."
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, *data: Dataset) -> Example:
        return Example(outcome=outcome, snapshot=world(), intent=tuning(datasets=data))

    whole = Dataset(path="a.jsonl", form="jsonl", records=100)
    broken = Dataset(path="b.jsonl", form="jsonl", records=100, broken=2, first_broken=17)
    yield of(Outcome.FAIL, whole, broken)
    yield of(Outcome.WARN, Dataset(path="c.csv", form="csv", records=9, broken=1, first_broken=3))
    yield of(Outcome.WARN, Dataset(path="d.jsonl", form="jsonl", records=9, empty=1))
    yield of(Outcome.PASS, whole)
    yield of(Outcome.SKIP, Dataset(path="e.parquet", form="parquet", records=0, problem="?"))
    yield of(Outcome.SKIP)
