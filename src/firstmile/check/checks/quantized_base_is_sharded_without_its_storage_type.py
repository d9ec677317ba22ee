"""Under FSDP and ZeRO stage 3, 4-bit weights are stored in the number type of the rest.

Why: FSDP and ZeRO 3 part tensors by their number type. bitsandbytes packs 4-bit weights into
uint8, which FSDP refuses ("Must flatten tensors with uniform dtype", "Cannot flatten integer dtype
tensors") or leaves whole on every GPU. With bnb_4bit_quant_storage set to the training's type the
same bytes count as floats. 8-bit weights have no such setting and cannot be sharded.

Fix: set bnb_4bit_quant_storage to bfloat16, as the model's dtype.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.training_sizes import hidden_settings, settings_of, training_in, zero_stage
from firstmile.check.training_worlds import adapter, tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen, warned
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/dtype-mismatch",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=("fsdp-meets-parameters-of-two-number-types",),
    references=("https://huggingface.co/docs/bitsandbytes/main/fsdp_qlora",),
)
_FLOATS: Final = ("bfloat16", "float16", "float32")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the storage type where sharding meets quantized weights."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    sharded = "FSDP" if training.fsdp else "ZeRO stage 3" if zero_stage(training) == 3 else None
    if sharded is None:
        return does_not_apply("weights are not sharded")
    if intent.load_in_bits not in (4, 8):
        return does_not_apply("the weights are not quantized by bitsandbytes")
    proof = (seen(f"{sharded} shards the weights"), seen(f"load_in_{intent.load_in_bits}bit"))
    if intent.load_in_bits == 8:
        return failed(
            f"Weights in 8 bits cannot be sharded by {sharded}.",
            *proof,
            remedy="Load in 4 bits with bnb_4bit_quant_storage, or use ZeRO stage 2 or plain DDP.",
        )
    if intent.engine in ("llama-factory", "axolotl"):
        return passed("This program sets the storage type to that of the training.", *proof)
    hidden = hidden_settings(intent)
    if hidden is not None:
        return hidden
    storage = (settings_of(intent).text("bnb_4bit_quant_storage") or "").removeprefix("torch.")
    if storage in _FLOATS:
        return passed(f"4-bit weights are stored as {storage}.", *proof)
    if storage:
        return failed(
            f"4-bit weights are stored as {storage}, which {sharded} cannot shard with the rest.",
            *proof,
            seen(f"bnb_4bit_quant_storage = {storage}"),
            remedy="Say --bnb_4bit_quant_storage bfloat16.",
        )
    return warned(
        "Nothing says in which type 4-bit weights are stored; uint8, the default, is not sharded.",
        *proof,
        remedy="Say --bnb_4bit_quant_storage bfloat16 (or set it in BitsAndBytesConfig).",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    fsdp = {"fsdp_version": 1}

    def of(
        outcome: Outcome, storage: str | None = None, bits: int | None = 4, **said: Any
    ) -> Example:
        flags = {"bnb_4bit_quant_storage": storage} if storage else {}
        intent = tuning(load_in_bits=bits, flags=flags, **adapter(), **said)
        return Example(outcome=outcome, snapshot=world(), intent=intent)

    yield of(Outcome.FAIL, "uint8", fsdp=fsdp)
    yield of(Outcome.WARN, fsdp=fsdp)
    yield of(Outcome.PASS, "bfloat16", fsdp=fsdp)
    yield of(Outcome.FAIL, bits=8, fsdp=fsdp)
    yield of(Outcome.FAIL, bits=8, deepspeed={"zero_optimization": {"stage": 3}})
    yield of(Outcome.PASS, fsdp=fsdp, engine="llama-factory")
    yield of(Outcome.SKIP, deepspeed={"zero_optimization": {"stage": 2}})
    yield of(Outcome.SKIP, bits=None, fsdp=fsdp)
