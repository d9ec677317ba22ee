"""FSDP keeps the parameters apart where an adapter is trained beside frozen weights.

Why: FSDP 1 makes one flat tensor of each layer, trained or frozen as a whole, unless it keeps the
original parameters. With an adapter a layer holds both: "Must flatten tensors with uniform
requires_grad when use_orig_params=False". The Trainer avoids it by wrapping the adapter's parts
by themselves, as long as layers are wrapped by their class.

Fix: set fsdp_use_orig_params: true, or use FSDP 2.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.training_sizes import (
    TRAINERS,
    fsdp_value,
    fsdp_version,
    training_in,
    truth_of,
)
from firstmile.check.training_worlds import adapter, tuning
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
    entries=("fsdp-meets-frozen-and-trained-parameters",),
    references=("https://huggingface.co/docs/peft/accelerate/fsdp",),
)
_REMEDY: Final = "Set fsdp_use_orig_params: true in accelerate's file, or fsdp_version: 2."


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at how FSDP 1 flattens, where an adapter is trained."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if training.fsdp is None:
        return does_not_apply("FSDP is not used")
    if training.method not in ("lora", "qlora") and training.lora is None:
        return does_not_apply("no adapter is trained")
    version = fsdp_version(snapshot, training)
    if version == 2:
        return passed("FSDP 2 parts each parameter by itself.", seen("fsdp_version = 2"))
    original = truth_of(fsdp_value(training, "use_orig_params"))
    if original is not False:
        return passed("FSDP keeps the original parameters, which is the launcher's default.")
    if version is None:
        return not_known("the version of FSDP")
    policy = str(fsdp_value(training, "auto_wrap_policy") or "TRANSFORMER_BASED_WRAP").upper()
    proof = (
        seen("fsdp_use_orig_params = false"),
        seen(f"fsdp_auto_wrap_policy = {policy}"),
        seen("an adapter is trained"),
    )
    if "NO_WRAP" in policy or "SIZE" in policy:
        return failed(
            "FSDP flattens whole layers, in which the adapter is trained and the rest is frozen.",
            *proof,
            remedy=_REMEDY,
        )
    if intent.engine in TRAINERS:
        return passed("The Trainer wraps the parts of the adapter by themselves.", *proof)
    return warned(
        "FSDP flattens whole layers unless the script wraps the adapter's parts by themselves.",
        *proof,
        remedy=_REMEDY,
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, engine: str = "transformers", **fsdp: Any) -> Example:
        intent = tuning(fsdp=fsdp, engine=engine, **adapter())
        return Example(outcome=outcome, snapshot=world(), intent=intent)

    yield of(Outcome.FAIL, fsdp_use_orig_params=False, fsdp_auto_wrap_policy="SIZE_BASED_WRAP")
    yield of(Outcome.PASS, fsdp_use_orig_params="true", fsdp_auto_wrap_policy="SIZE_BASED_WRAP")
    yield of(Outcome.PASS, fsdp_use_orig_params=False)
    yield of(Outcome.WARN, "accelerate", fsdp_use_orig_params="false")
    yield of(Outcome.PASS, fsdp_version=2, fsdp_use_orig_params=False)
    yield of(Outcome.SKIP, use_orig_params=False, auto_wrap_policy="SIZE_BASED_WRAP")
    fsdp = {"fsdp_use_orig_params": False}
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=tuning(fsdp=fsdp, method="full"))
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=tuning(**adapter()))
