"""The data files of a training are there, and hold records.

Why: an empty file, a pointer of Git LFS in the place of the data, a list that does not end or a
file in another encoding only shows when the training starts: datasets stops with "Couldn't find
any data file", "Failed to load JSON from file", or a KeyError of a name that a record lacks.

Fix: fetch the file anew (git lfs pull), save it as UTF-8, and end the list in it.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.intent import Dataset, Intent
from firstmile.check.training_settings import ABSENT, NOT_LOOKED_FOR, UNREAD
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
_NOT_LOOKED: Final = ("records of Parquet are not read", NOT_LOOKED_FOR)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at what reading the start of each file showed."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if not training.datasets:
        return does_not_apply("the command names no data file")
    missing: Dataset | None = None
    for each in training.datasets:
        if each.problem is None or each.problem in _NOT_LOOKED:
            continue
        if each.problem == UNREAD:
            missing = missing or each
            continue
        if each.problem == ABSENT:
            return failed(
                f"The data file {each.path} does not exist.",
                seen("no such file", file=each.path),
                remedy="Name the file that is meant, by its path from the folder in which the "
                "command is run.",
            )
        return failed(
            f"The data file {each.path} cannot be trained on: {each.problem}.",
            seen(each.problem, file=each.path),
            remedy=_remedy(each.problem),
        )
    if missing is not None:
        return warned(
            f"The data file {missing.path} could not be read where the command looks for it.",
            seen(UNREAD, file=missing.path),
            remedy="Give its path from the folder in which the command is run.",
        )
    if all(each.problem in _NOT_LOOKED for each in training.datasets):
        return not_known("what the data files hold: they are Parquet, patterns or addresses")
    count = sum(each.records for each in training.datasets)
    return passed(
        f"The data files can be read: {counted(count, 'record was', 'records were')} seen."
    )


def _remedy(problem: str) -> str:
    if "LFS" in problem:
        return "Run git lfs pull in the repository of the data."
    if "UTF-8" in problem:
        return "Save the file as UTF-8: iconv -t UTF-8."
    if "does not end" in problem or "no JSON" in problem:
        return "Fetch or write the file anew; its end or a record is damaged."
    return "Put the data into the file, or name the right one."


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, *problems: str | None, says: str = "") -> Example:
        data = tuple(
            Dataset(path=f"{place}.jsonl", form="jsonl", records=5, problem=problem)
            for place, problem in enumerate(problems)
        )
        return Example(outcome=outcome, snapshot=world(), intent=tuning(datasets=data), says=says)

    yield of(Outcome.FAIL, None, "it is empty", says="1.jsonl")
    yield of(Outcome.FAIL, "it is a pointer of Git LFS")
    yield of(Outcome.FAIL, UNREAD, "the list in it does not end")
    yield of(Outcome.FAIL, None, ABSENT, says="1.jsonl does not exist")
    yield of(Outcome.WARN, UNREAD)
    yield of(Outcome.PASS, None, _NOT_LOOKED[0])
    yield of(Outcome.SKIP, *_NOT_LOOKED)
    yield of(Outcome.SKIP)
