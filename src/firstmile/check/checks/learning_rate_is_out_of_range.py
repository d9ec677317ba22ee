"""The learning rate is one at which a language model is trained.

Why: with Adam, full fine-tuning works at about 1e-6 to 5e-5, adapters at 5e-5 to 1e-3. Ten times
more makes the loss jump or turn to nan, ten times less leaves the model as it was. At 0 nothing
is learnt, without an error; torch refuses a negative rate.

Fix: begin with 1e-5 to 2e-5 for full fine-tuning, and 1e-4 to 2e-4 for LoRA.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.training_sizes import kind_of, training_in
from firstmile.check.training_worlds import adapter, tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen, warned
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/fine-tuning/learning-rate",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=(
        "gradients-explode-because-the-learning-rate-is-too-high",
        "loss-does-not-fall-in-fine-tuning",
    ),
    references=("https://arxiv.org/abs/2106.09685", "https://arxiv.org/abs/2307.09288"),
)
_ADAM: Final = ("adam", "lion", "ademamix")
_RANGES: Final = {"full": (1e-8, 2e-4), "lora": (1e-6, 5e-3)}
_USUAL: Final = {"full": "1e-5 to 2e-5", "lora": "1e-4 to 2e-4"}
_ABSURD: Final = 0.1


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the rate against what works for full training and for adapters."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    rate = training.learning_rate
    if rate is None:
        return does_not_apply("the command names no learning rate")
    lora = training.method in ("lora", "qlora") or training.lora is not None
    way = "lora" if lora else "full"
    proof = [
        seen(f"learning_rate = {rate:g}"),
        seen("an adapter is trained" if lora else f"method = {training.method or 'not said'}"),
    ]
    usual = _USUAL[way]
    if rate <= 0:
        return failed(
            f"At a learning rate of {rate:g} nothing is learnt.",
            *proof,
            remedy=f"Say --learning_rate {usual.partition(' ')[0]} (usual: {usual}).",
        )
    optimizer = (training.optimizer or "adamw").lower()
    if not any(each in optimizer for each in _ADAM) or "schedule_free" in optimizer:
        return does_not_apply(f"rates of {optimizer} are of another size")
    if rate >= _ABSURD:
        return failed(
            f"At a learning rate of {rate:g} a language model comes apart in the first steps.",
            *proof,
            remedy=f"Say --learning_rate {usual.partition(' ')[0]} (usual: {usual}).",
        )
    low, high = _RANGES[way]
    if training.method is None and not lora and intent.engine not in ("trl", "llama-factory"):
        high = _RANGES["lora"][1]
    if rate > high:
        return warned(
            f"A learning rate of {rate:g} is high for this: losses may jump or become nan.",
            *proof,
            remedy=f"Say --learning_rate {usual.partition(' ')[0]} (usual: {usual}).",
        )
    if rate < low and kind_of(intent) not in ("grpo", "dpo", "kto", "rloo"):
        return warned(
            f"A learning rate of {rate:g} is so low that hardly anything is learnt.",
            *proof,
            remedy=f"Say --learning_rate {usual.partition(' ')[0]} (usual: {usual}).",
        )
    return passed(f"The learning rate of {rate:g} is usual.", *proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, rate: float | None, **said: Any) -> Example:
        said = said or {"method": "full"}
        intent = tuning(learning_rate=rate, **said)
        return Example(outcome=outcome, snapshot=world(), intent=intent)

    yield of(Outcome.FAIL, 0.0)
    yield of(Outcome.FAIL, -1e-5)
    yield of(Outcome.FAIL, 2.0)
    yield of(Outcome.PASS, 2e-5)
    yield of(Outcome.PASS, 2e-4)
    yield of(Outcome.WARN, 3e-3)
    yield of(Outcome.PASS, 3e-3, **adapter())
    yield of(Outcome.WARN, 1e-2, **adapter())
    yield of(Outcome.WARN, 1e-7, **adapter())
    yield of(Outcome.PASS, 1e-3, engine="transformers")
    yield of(Outcome.SKIP, 1.0, optimizer="prodigy")
    yield of(Outcome.SKIP, 0.02, optimizer="muon")
    yield of(Outcome.SKIP, None)
