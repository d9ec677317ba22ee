"""A training on streamed data says how many steps it takes.

Why: streamed data has no length, so epochs cannot be turned into steps. The Trainer stops with "The
train_dataset does not implement __len__, max_steps has to be specified", LLaMA-Factory with "Please
specify max_steps in streaming mode".

Fix: say --max_steps: records times epochs, divided by the samples of a step.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.training_sizes import TRAINERS, settings_of, training_in
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    references=("https://huggingface.co/docs/datasets/stream",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for a number of steps where data is streamed."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if intent.engine not in TRAINERS:
        return does_not_apply("the Trainer of transformers does not run")
    if not settings_of(intent).truth("dataset_streaming", "streaming"):
        return does_not_apply("the data is not streamed")
    steps = training.max_steps
    if steps is not None and steps > 0:
        return passed(f"The training takes {counted(steps, 'step')}.", seen(f"max_steps = {steps}"))
    return failed(
        "The data is streamed, and nothing says how many steps the training takes.",
        seen("streaming = True"),
        seen(f"max_steps = {steps}"),
        remedy="Say --max_steps 1000 (records x epochs / samples a step).",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, streamed: str | None, **said: Any) -> Example:
        flags = {"dataset_streaming": streamed} if streamed else {}
        return Example(outcome=outcome, snapshot=world(), intent=tuning(flags=flags, **said))

    yield of(Outcome.FAIL, "True", engine="trl")
    yield of(Outcome.FAIL, "True", engine="trl", max_steps=-1, epochs=3.0)
    yield of(Outcome.PASS, "True", engine="trl", max_steps=1000)
    lf = tuning(engine="llama-factory", settings={"streaming": True})
    yield Example(outcome=Outcome.FAIL, snapshot=world(), intent=lf)
    yield of(Outcome.SKIP, "False", engine="trl")
    yield of(Outcome.SKIP, None)
