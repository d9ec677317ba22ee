"""The data holds at least a few batches.

Why: samples a step are batch times accumulation times processes. Where the data has fewer, an epoch
is a single step, the schedule of the rate is over before it began, and with
dataloader_drop_last no step is left: the training ends at once, or with "num_samples should be a
positive integer".

Fix: take smaller batches or fewer accumulation steps, or train for more epochs.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.counting import counted
from firstmile.check.intent import Dataset, Intent
from firstmile.check.training_sizes import processes_of, settings_of, training_in
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
from firstmile.facts.data_file import MOST_RECORDS
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/fine-tuning/convergence",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    references=("https://huggingface.co/docs/transformers/main_classes/trainer",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the samples of a step with the records that were read."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if not training.datasets:
        return does_not_apply("the command names no data file")
    if training.per_device_batch_size is None:
        return does_not_apply("the command names no batch size")
    if not all(each.whole and 0 < each.records < MOST_RECORDS for each in training.datasets):
        return not_known("how many records the data has in all")
    records = sum(each.records for each in training.datasets)
    ranks = processes_of(snapshot, intent)
    if ranks is None:
        return not_known("the number of processes")
    step = training.per_device_batch_size * ranks
    whole = step * (training.gradient_accumulation_steps or 1)
    proof = (
        seen(f"{counted(whole, 'sample')} a step"),
        seen(f"{counted(records, 'record')} in the data"),
    )
    if records >= whole:
        return passed(
            f"The data holds {counted(records // max(whole, 1), 'step')} an epoch.", *proof
        )
    if records < step and settings_of(intent).truth("dataloader_drop_last"):
        return failed(
            f"The data has {counted(records, 'record')}, fewer than the {step:,} of one batch, "
            "which is "
            "dropped: no step is made.",
            *proof,
            remedy="Say --dataloader_drop_last False, with a smaller batch.",
        )
    return warned(
        f"A step takes {counted(whole, 'sample')}, and the data has {records:,}: an epoch is "
        "one step.",
        *proof,
        remedy="Say --gradient_accumulation_steps 1 with a smaller batch, or more epochs.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, records: int, *, whole: bool = True, **said: Any) -> Example:
        data = Dataset(path="d.jsonl", form="jsonl", records=records, whole=whole)
        said = {"per_device_batch_size": 8, "processes": 4, **said}
        return Example(outcome=outcome, snapshot=world(), intent=tuning(datasets=(data,), **said))

    yield of(Outcome.FAIL, 20, flags={"dataloader_drop_last": "True"})
    yield of(Outcome.WARN, 20)
    yield of(Outcome.WARN, 100, gradient_accumulation_steps=8)
    yield of(Outcome.PASS, 100)
    yield of(Outcome.SKIP, 20, whole=False)
    yield of(Outcome.SKIP, 2000, gradient_accumulation_steps=800)
    yield of(Outcome.SKIP, 20, per_device_batch_size=None)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=tuning(per_device_batch_size=8))
