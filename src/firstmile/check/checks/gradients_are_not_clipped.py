"""Gradients are clipped, so that one odd batch does not undo the training.

Why: the Trainer clips gradients to a norm of 1.0 unless told otherwise. With max_grad_norm 0 (or
gradient_clipping 0 of DeepSpeed) it does not clip at all: a single batch with a large loss moves
all weights far, the loss jumps, and in half precision it may stay nan.

Fix: leave max_grad_norm at 1.0, or take 0.3 as QLoRA does.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.settings import Settings
from firstmile.check.training_sizes import training_in
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, passed, seen, stated, warned
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/fine-tuning/gradient-explosion",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=("gradients-explode-because-the-learning-rate-is-too-high",),
    references=(
        "https://huggingface.co/docs/transformers/main_classes/trainer",
        "https://arxiv.org/abs/2305.14314",
    ),
)
_LARGE: Final = 100.0


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at the norm that gradients are clipped to."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    norm = training.max_grad_norm
    proof = seen(f"max_grad_norm = {norm}")
    if norm is None:
        said = (training.deepspeed or {}).get("gradient_clipping")
        norm = Settings({"said": said}).number("said")
        if norm is None:
            return does_not_apply("the command says nothing of clipping")
        proof = stated("DeepSpeed file", "gradient_clipping", said)
    if 0 < norm <= _LARGE:
        return passed(f"Gradients are clipped to {norm:g}.", proof)
    return warned(
        f"With a norm of {norm:g} gradients are not clipped: one odd batch can undo the training.",
        proof,
        remedy="Say --max_grad_norm 1.0.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, **said: Any) -> Example:
        return Example(outcome=outcome, snapshot=world(), intent=tuning(**said))

    yield of(Outcome.WARN, max_grad_norm=0.0)
    yield of(Outcome.WARN, max_grad_norm=1e9)
    yield of(Outcome.PASS, max_grad_norm=0.3)
    yield of(Outcome.WARN, deepspeed={"gradient_clipping": 0})
    yield of(Outcome.PASS, deepspeed={"gradient_clipping": 1.0})
    yield of(Outcome.SKIP, deepspeed={"gradient_clipping": "auto"})
    yield of(Outcome.SKIP)
