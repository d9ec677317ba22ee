"""Activations are recomputed by FSDP or by the Trainer, not by both.

Why: FSDP brings its own checkpointing. With it and the training argument both on, the Trainer
stops: "The activation_checkpointing in FSDP config and the gradient_checkpointing in training arg
can't be set to True simultaneously". TRL's commands switch theirs on where nothing is said.

Fix: keep FSDP's (fsdp_activation_checkpointing: true) and say --gradient_checkpointing False.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.training_sizes import (
    fsdp_value,
    release_here,
    training_in,
    truth_of,
)
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen
from firstmile.check.worlds import machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    references=("https://huggingface.co/docs/transformers/fsdp",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at both settings."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if training.fsdp is None:
        return does_not_apply("FSDP is not used")
    if truth_of(fsdp_value(training, "activation_checkpointing")) is not True:
        return does_not_apply("FSDP recomputes nothing")
    proof = seen("fsdp_activation_checkpointing = true")
    said = training.gradient_checkpointing
    release = release_here(snapshot, "trl")
    by_default = said is None and intent.engine == "trl" and (release or (0,)) >= (0, 24)
    if not said and not by_default:
        return passed("FSDP alone recomputes activations.", proof)
    shown = "True (TRL's default)" if by_default else "True"
    return failed(
        "Both FSDP and the Trainer are to recompute activations, which is refused.",
        proof,
        seen(f"gradient_checkpointing = {shown}"),
        remedy="Say --gradient_checkpointing False.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    here = machine(packages={"trl": "0.24.0"})

    def of(outcome: Outcome, fsdp: Any, **said: Any) -> Example:
        intent = tuning(fsdp=fsdp, **said)
        return Example(outcome=outcome, snapshot=world(None, here), intent=intent)

    on = {"fsdp_activation_checkpointing": "true"}
    yield of(Outcome.FAIL, on, gradient_checkpointing=True)
    yield of(Outcome.FAIL, on, engine="trl")
    yield of(Outcome.PASS, on, engine="trl", gradient_checkpointing=False)
    yield of(Outcome.PASS, on)
    yield of(Outcome.SKIP, {"fsdp_version": 2}, gradient_checkpointing=True)
    yield of(Outcome.SKIP, None, gradient_checkpointing=True)
