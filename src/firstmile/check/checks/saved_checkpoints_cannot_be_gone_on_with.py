"""Checkpoints hold what is needed to go on with the training after an interruption.

Why: with save_only_model a checkpoint is the model alone, without optimizer, schedule and random
state; resuming from it stops, or begins the optimizer anew so that the loss jumps.

Fix: leave save_only_model out as long as the training may be interrupted; --save_total_limit keeps
the folder small.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.training_sizes import settings_of, training_in
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, passed, seen, warned
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=("resume-finds-no-valid-checkpoint",),
    references=("https://huggingface.co/docs/transformers/main_classes/trainer",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at what is saved."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    only = settings_of(intent).truth("save_only_model")
    if only is None and training.save_strategy is None:
        return does_not_apply("the command says nothing of what is saved")
    if only:
        return warned(
            "Checkpoints are the model alone: an interrupted training cannot go on from them.",
            seen("save_only_model = True"),
            remedy="Say --save_only_model False --save_total_limit 2.",
        )
    if training.save_strategy == "no":
        return does_not_apply("no checkpoints are to be saved")
    return passed("Checkpoints hold all that is needed to go on.")


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, only: str | None = None, **said: Any) -> Example:
        flags = {"save_only_model": only} if only else {}
        return Example(outcome=outcome, snapshot=world(), intent=tuning(flags=flags, **said))

    yield of(Outcome.WARN, "True")
    yield of(Outcome.WARN, "True", save_strategy="epoch")
    yield of(Outcome.SKIP, save_strategy="no")
    yield of(Outcome.PASS, "False", save_strategy="steps")
    yield of(Outcome.PASS, save_strategy="epoch")
    yield of(Outcome.SKIP)
