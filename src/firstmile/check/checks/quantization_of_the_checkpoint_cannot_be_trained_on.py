"""The checkpoint's quantization is one on which adapters can be trained.

Why: some formats only serve. transformers refuses them in training, with "quantized with ... but
that quantization method do not support training": MXFP4 (gpt-oss as published), FP8 for fbgemm,
AutoRound, HIGGS, SpQR, VPTQ. They have to be loaded dequantized, or as another checkpoint.

Fix: take the unquantized checkpoint (with load_in_4bit for QLoRA), or for MXFP4 load with
Mxfp4Config(dequantize=True).
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
    stated,
    warned,
)
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="computation/quantization",
    stage="fine-tuning",
    references=("https://huggingface.co/docs/transformers/quantization/overview",),
)
_REFUSED: Final = ("fbgemm_fp8", "auto-round", "higgs", "spqr", "vptq", "quark", "nvfp4")
"""`is_trainable` is False in transformers' quantizers/ for these."""
_TRAINED: Final = ("bitsandbytes", "gptq", "awq", "hqq", "quanto", "eetq", "aqlm", "fp8")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look the checkpoint's method up."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if snapshot.model is None or snapshot.model.config is None:
        return not_known("the model's config")
    files = quantized_files(snapshot.model.config)
    method = "" if files is None else files.method
    if not method:
        return does_not_apply("the checkpoint is not quantized")
    proof = stated("config.json", "quantization_config.quant_method", method)
    if method in _REFUSED:
        return failed(
            f"A checkpoint quantized by {method} is for serving: training on it is refused.",
            proof,
            remedy="Take the unquantized checkpoint of the same model.",
        )
    if method == "mxfp4":
        return warned(
            "Weights in MXFP4 are not trained on as they are: they have to be dequantized.",
            proof,
            remedy="Load with quantization_config=Mxfp4Config(dequantize=True), which takes "
            "2 bytes a parameter.",
        )
    if method in _TRAINED:
        return passed(f"Adapters can be trained on {method}.", proof)
    return not_known(f"whether adapters can be trained on {method}")


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, method: str | None, **said: Any) -> Example:
        extra = {"quantization_config": {"quant_method": method}} if method else {}
        model = folder(config={**LLAMA, **extra})
        said = said or {**adapter()}
        return Example(outcome=outcome, snapshot=world(model), intent=tuning(**said))

    yield of(Outcome.FAIL, "fbgemm_fp8")
    yield of(Outcome.FAIL, "auto-round")
    yield of(Outcome.WARN, "mxfp4")
    yield of(Outcome.PASS, "gptq")
    yield of(Outcome.PASS, "fp8")
    yield of(Outcome.SKIP, "something-new")
    yield of(Outcome.SKIP, None)
