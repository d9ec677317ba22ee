"""A training goes on with as many processes as wrote its checkpoint.

Why: ZeRO parts the optimizer's states by the number of processes, and a checkpoint of eight cannot
be read by four ("The checkpoint being loaded used a DP world size of 8 but the current world size
is 4"). Without ZeRO it works, but batches are of another size and the data goes on from another
place.

Fix: start as many processes as before, or begin anew from the weights of the checkpoint.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.counting import counted
from firstmile.check.intent import Checkpoint, Intent
from firstmile.check.training_sizes import processes_of, training_in, zero_stage
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
    entries=("resume-finds-no-valid-checkpoint",),
    references=("https://www.deepspeed.ai/tutorials/universal-checkpointing/",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the random states that were saved with the processes that will run."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if training.resume_from is None:
        return does_not_apply("the training begins anew")
    found = training.checkpoint
    if found is None or found.processes is None:
        return not_known("how many processes wrote the checkpoint")
    ranks = processes_of(snapshot, intent)
    if ranks is None:
        return not_known("the number of processes")
    wrote = counted(found.processes, "process", "processes")
    proof = (
        seen(f"random states of {wrote}", file=found.path),
        seen(f"{counted(ranks, 'process is', 'processes are')} started"),
    )
    if ranks == found.processes:
        return passed(
            f"{counted(ranks, 'process goes', 'processes go')} on with what as many wrote.", *proof
        )
    stage = zero_stage(training)
    tell = failed if stage >= 1 else warned
    universal = (training.deepspeed or {}).get("checkpoint")
    if isinstance(universal, dict) and universal.get("load_universal"):
        tell = warned
    return tell(
        f"The checkpoint was written by {wrote}, and {ranks} "
        f"{'is' if ranks == 1 else 'are'} started.",
        *proof,
        remedy=f"Start {wrote}, or name the checkpoint as the model and begin anew.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, wrote: int | None, run: int | None, **said: Any) -> Example:
        there = Checkpoint(path="out/checkpoint-9", processes=wrote)
        said = {"resume_from": "out/checkpoint-9", **said}
        intent = tuning(checkpoint=there, processes=run, **said)
        return Example(outcome=outcome, snapshot=world(), intent=intent)

    zero = {"zero_optimization": {"stage": 2}}
    yield of(Outcome.FAIL, 8, 4, deepspeed=zero)
    yield of(Outcome.WARN, 8, 4)
    yield of(Outcome.PASS, 8, 8, deepspeed=zero)
    yield of(Outcome.WARN, 8, 4, deepspeed={**zero, "checkpoint": {"load_universal": True}})
    yield of(Outcome.SKIP, None, 4)
    yield of(Outcome.SKIP, 8, None)
    yield of(Outcome.SKIP, 8, 4, resume_from=None)
