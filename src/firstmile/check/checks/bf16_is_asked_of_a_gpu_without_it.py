"""Training in bf16 runs on GPUs that compute in bf16.

Why: NVIDIA's GPUs have bf16 from Ampere on (compute capability 8.0). On a V100, T4 or RTX 20
card TrainingArguments stop with "Your setup doesn't support bf16/gpu"; torch from 2.4 on emulates
it there, and training is many times slower than in fp16. TRL takes bf16 where nothing is said.

Fix: use fp16 on such cards, with the weights loaded in float32 or an adapter trained; 4-bit weights
want float16 as their compute type as well.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.cuda_builds import capability_of
from firstmile.check.installed import named
from firstmile.check.intent import Intent
from firstmile.check.ranks import gpus_of
from firstmile.check.training_sizes import release_here, training_in
from firstmile.check.training_types import in_float16, takes_bf16_unasked
from firstmile.check.training_worlds import tuning
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
from firstmile.check.worlds import gpu, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=("gpu-does-not-support-bfloat16-training",),
    references=("https://huggingface.co/docs/transformers/perf_train_gpu_one",),
)
_FIRST: Final = (8, 0)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at the compute capability of the GPUs that are used."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    default = takes_bf16_unasked(snapshot, intent, training)
    if not training.bf16 and not default:
        return does_not_apply("no training in bf16 is asked for")
    if snapshot.environment is None:
        return not_known("the machine's GPUs")
    gpus = gpus_of(snapshot, intent, "NVIDIA")
    if not gpus:
        return does_not_apply("no GPU of NVIDIA is used")
    asked = seen("bf16 is TRL's default" if default else "bf16 = True")
    for each in gpus:
        capability = capability_of(each.compute_capability)
        if capability is None:
            return not_known(f"the compute capability of {each.name}")
        if capability < _FIRST:
            torch = release_here(snapshot, "torch")
            tell = warned if torch is None or torch >= (2, 4) else failed
            return tell(
                f"{each.name} has no bf16 (compute capability {each.compute_capability}, 8.0 is "
                "needed).",
                asked,
                seen(named(each)),
                remedy=in_float16(snapshot, intent),
            )
    return passed("The GPUs compute in bf16.", asked, seen(named(gpus[0])))


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, capability: str, torch: str = "2.3.1", **said: Any) -> Example:
        here = machine(
            gpus=[gpu("Tesla T4", 16, capability)], packages={"torch": torch, "trl": "0.24.0"}
        )
        return Example(outcome=outcome, snapshot=world(None, here), intent=tuning(**said))

    yield of(Outcome.FAIL, "7.5", bf16=True)
    yield of(Outcome.WARN, "7.5", "2.6.0", bf16=True)
    yield of(Outcome.PASS, "8.0", bf16=True)
    yield of(Outcome.WARN, "7.0", "2.6.0", engine="trl")
    yield of(Outcome.WARN, "7.0", "2.6.0", engine="trl", load_in_bits=4, dtype="float16")
    yield of(Outcome.SKIP, "7.0", engine="trl", fp16=True)
    yield of(Outcome.SKIP, "7.5", fp16=True)
    yield Example(
        outcome=Outcome.SKIP, snapshot=world(), intent=tuning(bf16=True), says="not known"
    )
