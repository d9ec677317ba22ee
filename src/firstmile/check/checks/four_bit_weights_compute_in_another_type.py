"""4-bit weights compute in the number type that the training uses.

Why: bitsandbytes unpacks 4-bit weights into bnb_4bit_compute_dtype for each product, float32 where
nothing is said: QLoRA then runs several times slower and takes more memory than in bf16. TRL's
commands take the model's --dtype for it, which is float32 by default. A compute type of float16
under bf16 training can overflow to nan.

Fix: set bnb_4bit_compute_dtype (TRL: --dtype) to bfloat16, or to float16 on GPUs without it.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.training_sizes import settings_of, training_in
from firstmile.check.training_types import (
    gpu_without_bf16,
    in_float16,
    takes_bf16_unasked,
    trained_in,
)
from firstmile.check.training_worlds import tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, passed, seen, warned
from firstmile.check.worlds import gpu, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="slow/fine-tuning",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=("qlora-training-mixes-float32-with-half-precision",),
    references=("https://huggingface.co/docs/bitsandbytes/main/integrations",),
)
_COMPUTE: Final = "bnb_4bit_compute_dtype"
_NAMES: Final = {"bf16": "bfloat16", "fp16": "float16", "fp32": "float32", "half": "float16"}


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the type of the products with that of the training."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if intent.load_in_bits != 4:
        return does_not_apply("the weights are not loaded in 4 bits")
    if intent.engine in ("llama-factory", "axolotl"):
        return passed("This program takes the type of the training.")
    flag, said = _COMPUTE, settings_of(intent).text(_COMPUTE)
    if said is None and intent.engine == "trl":
        flag, said = "dtype", intent.dtype
    elif said is None:
        return not_known("the compute type of the 4-bit weights, which a script sets itself")
    plain = (said or "float32").lower().removeprefix("torch.")
    found = _NAMES.get(plain, plain)
    if found == "auto":
        return not_known("the model's number type, in which 4-bit weights compute")
    trains = trained_in(snapshot, intent, training)
    older = gpu_without_bf16(snapshot, intent)
    default = " (TRL's default)" if takes_bf16_unasked(snapshot, intent, training) else ""
    proof = (
        seen(f"{flag} = {said or 'float32 (the default)'}"),
        seen(f"training in {trains}{default}" if trains else "no type of training is said"),
    )
    wanted = trains or "bfloat16"
    remedy = f"Say --dtype {wanted}." if flag == "dtype" else f"Set {flag} to {wanted}."
    if older is not None and trains != "float16":
        remedy = in_float16(snapshot, intent)
    if found == "float32":
        return warned(
            "4-bit weights compute in float32, several times slower than in 16 bits.",
            *proof,
            remedy=remedy,
        )
    if trains is not None and found != trains:
        return warned(
            f"4-bit weights compute in {found}, the training runs in {trains}.",
            *proof,
            remedy=remedy,
        )
    return passed(f"4-bit weights compute in {found}.", *proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, compute: str | None = None, **said: Any) -> Example:
        flags = {"bnb_4bit_compute_dtype": compute} if compute else {}
        said = {"load_in_bits": 4, **said}
        return Example(outcome=outcome, snapshot=world(), intent=tuning(flags=flags, **said))

    def on_a_t4(outcome: Outcome, says: str = "", **said: Any) -> Example:
        here = machine(gpus=[gpu("Tesla T4", 16, "7.5")], packages={"trl": "0.24.0"})
        intent = tuning(engine="trl", load_in_bits=4, **said)
        return Example(outcome=outcome, snapshot=world(None, here), intent=intent, says=says)

    yield of(Outcome.WARN, engine="trl")
    yield of(Outcome.PASS, engine="trl", dtype="bfloat16")
    yield of(Outcome.WARN, "float16", bf16=True)
    yield of(Outcome.PASS, "bfloat16", bf16=True)
    yield of(Outcome.WARN, "float32", fp16=True)
    yield of(Outcome.PASS, engine="axolotl")
    yield on_a_t4(Outcome.WARN, says="in float32")
    yield on_a_t4(Outcome.WARN, says="the training runs in bfloat16", dtype="float16")
    yield on_a_t4(Outcome.PASS, dtype="float16", fp16=True, bf16=False)
    yield of(Outcome.SKIP)
    yield of(Outcome.SKIP, load_in_bits=8)
