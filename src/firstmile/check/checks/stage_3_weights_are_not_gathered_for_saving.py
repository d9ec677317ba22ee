"""Under ZeRO stage 3 the weights are gathered when a model is saved.

Why: under stage 3 each rank holds a part of each weight. Without
stage3_gather_16bit_weights_on_model_save the Trainer saves DeepSpeed's own checkpoint alone, and
warns once: the folder holds no weights that transformers could load, and zero_to_fp32.py has to be
run first.

Fix: set "stage3_gather_16bit_weights_on_model_save": true in the ZeRO part of the file.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.training_sizes import training_in, zero_of, zero_stage
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, passed, stated, warned
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=("zero-3-saved-an-adapter-of-empty-tensors",),
    references=("https://huggingface.co/docs/transformers/deepspeed",),
)
_KEYS: Final = (
    "stage3_gather_16bit_weights_on_model_save",
    "stage3_gather_fp16_weights_on_model_save",
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the setting where stage 3 is used."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if zero_stage(training) != 3:
        return does_not_apply("ZeRO stage 3 is not used")
    part = zero_of(training)
    said = next((part[key] for key in _KEYS if part.get(key) is not None), None)
    stage = stated("DeepSpeed file", "zero_optimization.stage", 3)
    if said in (True, "auto"):
        return passed("Weights are gathered when they are saved.", stage)
    return warned(
        "Weights are not gathered when they are saved: the folder cannot be loaded as it is.",
        stage,
        stated("DeepSpeed file", _KEYS[0], said),
        remedy=f'Set "{_KEYS[0]}": true in "zero_optimization".',
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, **zero: Any) -> Example:
        intent = tuning(deepspeed={"zero_optimization": zero})
        return Example(outcome=outcome, snapshot=world(), intent=intent)

    yield of(Outcome.WARN, stage=3)
    yield of(Outcome.WARN, stage=3, stage3_gather_16bit_weights_on_model_save=False)
    yield of(Outcome.PASS, stage=3, stage3_gather_16bit_weights_on_model_save=True)
    yield of(Outcome.PASS, stage=3, stage3_gather_fp16_weights_on_model_save=True)
    yield of(Outcome.SKIP, stage=2)
