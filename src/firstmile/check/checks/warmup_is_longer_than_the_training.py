"""The rate has warmed up well before the training ends.

Why: over the warmup the rate rises from 0. If it takes as many steps as the whole training, the
rate that was asked for is never reached, and little is learnt though nothing fails. A ratio above
1 is refused by transformers 4 ("warmup_ratio must lie in range [0,1]"), a negative number by all.

Fix: warm up over 3 to 10% of the steps.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.training_sizes import training_in
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen, warned
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/fine-tuning/learning-rate",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=("loss-does-not-fall-in-fine-tuning",),
    references=("https://huggingface.co/docs/transformers/main_classes/trainer",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare warmup and length."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    ratio, steps, most = training.warmup_ratio, training.warmup_steps, training.max_steps
    if ratio is None and steps is None:
        return does_not_apply("the command says nothing of a warmup")
    if ratio is not None and not 0 <= ratio <= 1:
        return failed(
            f"A warmup_ratio of {ratio:g} is no share of the training.",
            seen(f"warmup_ratio = {ratio:g}"),
            remedy="Say --warmup_ratio 0.03.",
        )
    if steps is not None and steps < 0:
        return failed(
            f"A warmup of {counted(steps, 'step')} is refused.",
            seen(f"warmup_steps = {steps}"),
            remedy="Say --warmup_ratio 0.03, or a number of steps.",
        )
    if steps and most is not None and most > 0:
        proof = (seen(f"warmup_steps = {steps}"), seen(f"max_steps = {most}"))
        remedy = f"Say --warmup_steps {max(most // 20, 1)}."
        if steps >= most:
            return failed(
                f"The warmup of {counted(steps, 'step')} does not end within the {most} of the "
                "training.",
                *proof,
                remedy=remedy,
            )
        if steps > most / 2:
            return warned(
                f"The warmup takes {steps} of {counted(most, 'step')}.", *proof, remedy=remedy
            )
        return passed(f"The warmup takes {steps} of {counted(most, 'step')}.", *proof)
    if ratio is not None and ratio > 0.5:
        return warned(
            f"The warmup takes {ratio:.0%} of the training.",
            seen(f"warmup_ratio = {ratio:g}"),
            remedy="Say --warmup_ratio 0.03.",
        )
    if ratio is None:
        return does_not_apply("the number of steps follows from the data")
    return passed("The warmup is a small share.", seen(f"warmup_ratio = {ratio:g}"))


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, **said: Any) -> Example:
        return Example(outcome=outcome, snapshot=world(), intent=tuning(**said))

    yield of(Outcome.FAIL, warmup_steps=500, max_steps=200)
    yield of(Outcome.FAIL, warmup_steps=200, max_steps=200)
    yield of(Outcome.WARN, warmup_steps=150, max_steps=200)
    yield of(Outcome.PASS, warmup_steps=100, max_steps=200)
    yield of(Outcome.FAIL, warmup_ratio=3.0)
    yield of(Outcome.FAIL, warmup_steps=-1)
    yield of(Outcome.WARN, warmup_ratio=0.8)
    yield of(Outcome.PASS, warmup_ratio=0.03)
    yield of(Outcome.SKIP, warmup_steps=500)
    yield of(Outcome.SKIP, warmup_steps=500, max_steps=-1)
    yield of(Outcome.SKIP)
