"""Of axolotl's three sizes of a batch two are set, and they fit together.

Why: axolotl computes one of micro_batch_size, gradient_accumulation_steps and batch_size from the
other two. It stops where only one is set, or another is 0 ("At least two of ... must be set"), and
where both accumulation and batch are ("please set only one of gradient_accumulation_steps or
batch_size"). A batch that is no multiple of the micro batch is rounded down.

Fix: set micro_batch_size and gradient_accumulation_steps, and leave batch_size out.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Intent
from firstmile.check.training_sizes import hidden_settings, training_in
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen, warned
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    references=("https://docs.axolotl.ai/docs/config-reference.html",),
)
_REMEDY: Final = "Set micro_batch_size and gradient_accumulation_steps, and leave batch_size out."


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Count which of the three are set."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if intent.engine != "axolotl":
        return does_not_apply("axolotl does not train")
    hidden = hidden_settings(intent)
    if hidden is not None:
        return hidden
    micro, steps = training.per_device_batch_size, training.gradient_accumulation_steps
    whole = training.global_batch_size
    if micro is None and steps is None and whole is None:
        return does_not_apply("none of the sizes could be read")
    proof = (
        seen(f"micro_batch_size = {micro}"),
        seen(f"gradient_accumulation_steps = {steps}"),
        seen(f"batch_size = {whole}"),
    )
    if steps and whole:
        return failed(
            "Both gradient_accumulation_steps and batch_size are set.", *proof, remedy=_REMEDY
        )
    if sum(bool(each) for each in (micro, steps, whole)) < 2:
        zero = 0 in (micro, steps, whole)
        return failed(
            f"Fewer than two of the three sizes of a batch are set{': 0 counts as none' * zero}.",
            *proof,
            remedy=_REMEDY,
        )
    if micro and whole and whole % micro:
        return warned(
            f"A batch of {whole} is no multiple of the micro batch of {micro}.",
            *proof,
            remedy=_REMEDY,
        )
    return passed("Two of the three sizes are set.", *proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(
        outcome: Outcome,
        micro: int | None,
        steps: int | None,
        whole: int | None,
        engine: str = "axolotl",
    ) -> Example:
        intent = tuning(
            engine=engine,
            per_device_batch_size=micro,
            gradient_accumulation_steps=steps,
            global_batch_size=whole,
        )
        return Example(outcome=outcome, snapshot=world(), intent=intent)

    yield of(Outcome.FAIL, 2, 4, 8)
    yield of(Outcome.FAIL, 2, None, None)
    yield of(Outcome.FAIL, 2, 0, None)
    yield of(Outcome.PASS, 2, 4, None)
    yield of(Outcome.PASS, 2, None, 8)
    yield of(Outcome.WARN, 3, None, 8)
    yield of(Outcome.SKIP, 2, None, None, "trl")
    yield of(Outcome.SKIP, None, None, None)
