"""Weights are loaded in 4 bits or in 8 bits, not in both.

Why: the two exclude each other. TRL stops with "You can't use 8 bit and 4 bit precision at the same
time", transformers with "load_in_4bit and load_in_8bit are both True, but only one can be used at
the same time".

Fix: keep --load_in_4bit, which needs half the memory, or --load_in_8bit, which loses less.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Intent
from firstmile.check.training_sizes import settings_of, training_in
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
    entries=("quantization-argument-does-not-fit-the-checkpoint",),
    references=("https://huggingface.co/docs/transformers/quantization/bitsandbytes",),
)
_FOUR: Final = ("load_in_4bit", "use_4bit_quantization")
_EIGHT: Final = ("load_in_8bit", "use_8bit_quantization")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for both switches."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    get = settings_of(intent)
    four, eight = get.truth(*_FOUR), get.truth(*_EIGHT)
    if not four and not eight:
        return does_not_apply("no switch for 4 or 8 bits is set")
    if four and eight:
        return failed(
            "Weights are to be loaded in 4 bits and in 8 bits.",
            seen("load_in_4bit = True"),
            seen("load_in_8bit = True"),
            remedy="Leave --load_in_8bit out, or set it to False.",
        )
    bits = 4 if four else 8
    return passed(f"Weights are to be loaded in {bits} bits.", seen(f"load_in_{bits}bit = True"))


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, **flags: str | None) -> Example:
        return Example(outcome=outcome, snapshot=world(), intent=tuning(flags=flags))

    yield of(Outcome.FAIL, load_in_4bit="True", load_in_8bit=None)
    yield of(Outcome.FAIL, use_4bit_quantization="True", use_8bit_quantization="True")
    yield of(Outcome.PASS, load_in_4bit="True", load_in_8bit="False")
    yield of(Outcome.PASS, load_in_8bit="True")
    yield of(Outcome.SKIP, load_in_4bit="False")
    yield of(Outcome.SKIP)
