"""Quantized weights are frozen, and an adapter is trained on them.

Why: weights in 4 or 8 bits have no gradients. The Trainer stops with "You cannot perform
fine-tuning on purely quantized models. Please attach trainable adapters on top of the quantized
model"; LLaMA-Factory with "Quantization is only compatible with the LoRA or OFT method".

Fix: train an adapter (--use_peft in TRL, finetuning_type: lora, adapter: qlora), or load the
weights unquantized.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.quantized_files import quantized_files
from firstmile.check.training_sizes import training_in
from firstmile.check.training_worlds import adapter, tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    stated,
)
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Evidence, Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=("purely-quantized-model-cannot-be-trained",),
    references=("https://huggingface.co/docs/transformers/peft",),
)
_METHODS: Final = ("bitsandbytes", "gptq", "awq", "aqlm", "hqq", "quanto", "eetq")
_REMEDY: Final[dict[str | None, str]] = {
    "trl": "Add --use_peft (with --lora_r and --lora_target_modules all-linear).",
    "llama-factory": "Set finetuning_type: lora, or leave quantization_bit out.",
    "axolotl": "Set adapter: qlora, or load_in_4bit: false.",
}


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Ask whether all weights are trained though they are quantized."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    proof = _quantized(snapshot, intent)
    if proof is None:
        if snapshot.model is None and intent.load_in_bits is None:
            return not_known("the model's config")
        return does_not_apply("the weights are not quantized")
    if training.method in ("lora", "qlora", "oft") or intent.adapter is not None:
        return passed("An adapter is trained on quantized weights.", proof)
    if training.lora is not None and intent.engine != "trl":
        return passed("An adapter is trained on quantized weights.", proof)
    if training.method is None and intent.engine != "trl":
        return not_known("whether the script puts an adapter on the model")
    return failed(
        "All weights are to be trained, but they are quantized.",
        proof,
        seen(f"method = {training.method or 'full (no --use_peft)'}"),
        remedy=_REMEDY.get(intent.engine, "Train a LoRA adapter, or load without quantization."),
    )


def _quantized(snapshot: Snapshot, intent: Intent) -> Evidence | None:
    if intent.load_in_bits in (2, 3, 4, 5, 6, 8):
        return seen(f"weights are loaded in {intent.load_in_bits} bits")
    files = quantized_files(snapshot.model.config) if snapshot.model else None
    if files is None or files.method not in _METHODS:
        return None
    return stated("config.json", files.key, files.method)


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    gptq = folder(config={**LLAMA, "quantization_config": {"quant_method": "gptq", "bits": 4}})
    plain = folder(config=LLAMA)

    def of(outcome: Outcome, model: Any = plain, **said: Any) -> Example:
        return Example(outcome=outcome, snapshot=world(model), intent=tuning(**said))

    yield of(Outcome.FAIL, engine="trl", load_in_bits=4)
    yield of(Outcome.FAIL, engine="llama-factory", method="full", load_in_bits=8)
    yield of(Outcome.FAIL, gptq, method="full")
    yield of(Outcome.PASS, load_in_bits=4, **adapter())
    yield of(Outcome.PASS, gptq, **adapter())
    yield of(Outcome.SKIP, load_in_bits=4)
    yield of(Outcome.SKIP, method="full")
    yield of(Outcome.SKIP, None, method="full")
