"""TF32 is asked of GPUs that have it.

Why: TensorFloat-32 came with Ampere (compute capability 8.0). On older GPUs, and on machines
without one, TrainingArguments stop with "--tf32 requires Ampere or a newer GPU arch, cuda>=11 and
torch>=1.7", before anything is loaded.

Fix: leave --tf32 out; it changes speed alone.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.cuda_builds import capability_of
from firstmile.check.installed import named
from firstmile.check.intent import Intent
from firstmile.check.ranks import gpus_of
from firstmile.check.training_sizes import TRAINERS, training_in
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import gpu, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    references=("https://huggingface.co/docs/transformers/main_classes/trainer",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at the compute capability of the GPUs."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if not training.tf32 or intent.engine not in TRAINERS:
        return does_not_apply("TF32 is not asked for")
    environment = snapshot.environment
    if environment is None:
        return not_known("the machine's GPUs")
    gpus = gpus_of(snapshot, intent, "NVIDIA")
    asked = seen("tf32 = True")
    remedy = "Leave --tf32 out."
    if not gpus:
        if environment.gpus or any(each.what.startswith("gpus") for each in environment.not_known):
            return not_known("whether this machine has TF32")
        return failed(
            "TF32 is asked for, and the machine has no GPU.",
            asked,
            seen("no accelerator was found"),
            remedy=remedy,
        )
    for each in gpus:
        capability = capability_of(each.compute_capability)
        if capability is None:
            return not_known(f"the compute capability of {each.name}")
        if capability < (8, 0):
            return failed(f"{each.name} has no TF32.", asked, seen(named(each)), remedy=remedy)
    return passed("The GPUs have TF32.", asked, seen(named(gpus[0])))


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, *capability: str, **said: Any) -> Example:
        here = machine(gpus=[gpu("Tesla T4", 16, each) for each in capability])
        said = {"tf32": True, **said}
        return Example(outcome=outcome, snapshot=world(None, here), intent=tuning(**said))

    yield of(Outcome.FAIL, "7.5")
    yield of(Outcome.PASS, "8.0")
    yield of(Outcome.FAIL)
    yield of(Outcome.SKIP, "7.5", tf32=False)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=tuning(tf32=True))
