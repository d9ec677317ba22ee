"""Data workers of all processes together are not more than the cores.

Why: dataloader_num_workers counts for each process, so 8 workers on 8 GPUs are 64 processes. With
more of them than cores they take turns, and each holds a copy of the data's index and of imported
libraries: training slows down, or main memory runs out.

Fix: take as many workers as cores divided by processes, 2 to 8 are enough for text.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.training_sizes import processes_here, training_in
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
from firstmile.check.worlds import machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="slow/fine-tuning",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    references=("https://pytorch.org/docs/stable/data.html",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Count the workers of one machine against its cores."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    workers = training.workers
    if workers is None or workers == 0:
        return does_not_apply("the data loader has no workers of its own")
    if workers < 0:
        return failed(
            f"A data loader has no {counted(workers, 'worker')}.",
            seen(f"dataloader_num_workers = {workers}"),
            remedy="Say --dataloader_num_workers 4.",
        )
    processor = snapshot.environment.processor if snapshot.environment else None
    cores = processor.usable or processor.cores if processor else None
    if not cores:
        return not_known("the number of cores")
    here = processes_here(snapshot, intent)
    count = workers * here
    proof = (
        seen(f"dataloader_num_workers = {workers}, {counted(here, 'process', 'processes')}"),
        seen(f"{counted(cores, 'core')} may be used"),
    )
    if count <= cores:
        return passed(f"{counted(count, 'data worker')} on {counted(cores, 'core')}.", *proof)
    fewer = max(cores // here - 1, 0)
    return warned(
        f"{counted(count, 'data worker shares', 'data workers share')} {counted(cores, 'core')}.",
        *proof,
        remedy=f"Say --dataloader_num_workers {fewer}.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, workers: int | None, cores: int = 8, **said: Any) -> Example:
        here = machine(cores=cores)
        intent = tuning(workers=workers, **said)
        return Example(outcome=outcome, snapshot=world(None, here), intent=intent)

    yield of(Outcome.WARN, 16)
    yield of(Outcome.WARN, 4, processes=8)
    yield of(Outcome.PASS, 8)
    yield of(Outcome.PASS, 4, 64, processes=8)
    yield of(Outcome.FAIL, -1)
    yield of(Outcome.SKIP, 0)
    yield of(Outcome.SKIP, None)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=tuning(workers=4))
