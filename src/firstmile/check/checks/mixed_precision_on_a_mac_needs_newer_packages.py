"""Mixed precision on a Mac is one that the installed torch and accelerate can do.

Why: on Apple's GPU accelerate took no fp16 for years ("fp16 mixed precision requires a GPU (not
'mps')"), and takes it today from torch 2.5 on; bf16 needs torch 2.6 there and macOS 14. Otherwise
the training ends where the Trainer is made, after the model was loaded.

Fix: leave --fp16 and --bf16 out on a Mac (float32), or update torch and accelerate.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.training_sizes import (
    hidden_settings,
    release_here,
    settings_of,
    training_in,
)
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=("bfloat16-is-not-available-on-this-mac",),
    references=("https://huggingface.co/docs/accelerate/usage_guides/mps",),
)
_REFUSES_UNTIL: Final = (1, 9)
"""accelerate up to here refuses fp16 on Apple's GPU (accelerator.py of 1.9.0)."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at system, torch and accelerate."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    half = "bf16" if training.bf16 else "fp16" if training.fp16 else None
    if half is None:
        return does_not_apply("no mixed precision is asked for")
    if snapshot.environment is None or snapshot.environment.system is None:
        return not_known("the machine")
    if snapshot.environment.system.name != "Darwin":
        return does_not_apply("the machine is no Mac")
    if settings_of(intent).truth("use_cpu", "no_cuda") or intent.device_map == "cpu":
        return does_not_apply("the processor trains")
    hidden = hidden_settings(intent)
    if hidden is not None:
        return hidden
    torch = release_here(snapshot, "torch")
    if torch is None:
        return not_known("the installed torch")
    proof = (seen(f"{half} = True"), seen(f"torch {torch[0]}.{torch[1]} on macOS"))
    accelerate = release_here(snapshot, "accelerate")
    remedy = f"Leave --{half} out, or pip install -U torch accelerate."
    needed = (2, 6) if half == "bf16" else (2, 5)
    if torch < needed:
        return failed(
            f"On a Mac {half} needs torch {needed[0]}.{needed[1]} or newer.", *proof, remedy=remedy
        )
    if half == "fp16" and accelerate is not None and accelerate <= _REFUSES_UNTIL:
        return failed(
            "This accelerate refuses fp16 on Apple's GPU.",
            *proof,
            seen(f"accelerate {accelerate[0]}.{accelerate[1]} is installed"),
            remedy=remedy,
        )
    if half == "fp16" and accelerate is None:
        return not_known("the installed accelerate")
    return passed(f"The installed packages know {half} on a Mac.", *proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, torch: str, accelerate: str, **said: Any) -> Example:
        system = said.pop("system", "Darwin")
        here = machine(system=system, packages={"torch": torch, "accelerate": accelerate})
        return Example(outcome=outcome, snapshot=world(None, here), intent=tuning(**said))

    yield of(Outcome.FAIL, "2.6.0", "1.3.0", fp16=True)
    yield of(Outcome.PASS, "2.6.0", "1.13.0", fp16=True)
    yield of(Outcome.FAIL, "2.5.1", "1.13.0", bf16=True)
    yield of(Outcome.PASS, "2.6.0", "1.3.0", bf16=True)
    yield of(Outcome.SKIP, "2.5.1", "1.3.0", fp16=True, system="Linux")
    yield of(Outcome.SKIP, "2.5.1", "1.3.0")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=tuning(fp16=True))
