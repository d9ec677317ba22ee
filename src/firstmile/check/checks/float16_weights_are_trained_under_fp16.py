"""Weights that are trained under fp16 are float32, so that gradients can be scaled.

Why: under fp16 the loss is scaled up, and torch refuses to scale gradients back that are float16
themselves, as they are for weights loaded in float16: the first step ends in "ValueError:
Attempting to unscale FP16 gradients". Those of weights in bfloat16 end it in
"_amp_foreach_non_finite_check_and_unscale_cuda" not implemented for 'BFloat16'. From transformers 5
on a checkpoint saved in half precision is loaded so unless told otherwise. Adapters are made in
float32 by PEFT 0.12 and newer; TRL makes those over quantized weights bfloat16 (SFT, GRPO and
reward models from 0.26 on, DPO from 0.29).

Fix: use bf16 on GPUs that have it, or load the weights in float32 where all of them are trained.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.installed import version_of
from firstmile.check.intent import Intent, Training
from firstmile.check.precision import number_type
from firstmile.check.training_sizes import release_here, training_in
from firstmile.check.training_types import (
    gpu_without_bf16,
    last_with_other_adapters,
    makes_adapters_bf16,
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
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.model_folder.architecture import read_architecture
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=("trained-weights-are-float16-under-fp16-training",),
    references=(
        "https://huggingface.co/docs/peft/developer_guides/troubleshooting",
        "https://github.com/huggingface/trl/issues/4901",
    ),
)
_UNSCALES_NO_BF16: Final = (2, 11)
"""The newest torch of which it was told that it cannot unscale gradients that are bfloat16.

A newer one, or one that is not known, is warned of."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Ask in which type the weights that are trained are held."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if training.fp16 is not True:
        return does_not_apply("nothing is trained under fp16")
    if training.deepspeed is not None:
        return does_not_apply("DeepSpeed scales losses itself, over float32 copies")
    if intent.engine in ("llama-factory", "axolotl"):
        return does_not_apply("this program loads the weights that are trained in float32")
    if training.lora is not None or training.method == "qlora":
        casts = makes_adapters_bf16(snapshot, intent)
        if casts is None:
            return not_known("the type that TRL gives to adapters over quantized weights")
        if casts:
            return _over_quantized(snapshot, intent, training)
    found = _loaded(snapshot, intent)
    if found is None:
        return not_known("the number type in which the weights are loaded")
    proof = (seen("fp16 = True"), seen(f"weights are loaded in {found}"))
    kind = number_type(found)
    if kind not in ("float16", "bfloat16"):
        return passed(f"Weights are loaded in {found}.", *proof)
    if training.method in ("lora", "qlora") or training.lora is not None:
        peft = release_here(snapshot, "peft")
        if peft is None:
            return not_known("the installed peft, which decides on the type of new adapters")
        if peft >= (0, 12):
            return passed("PEFT makes new adapters in float32.", *proof)
    elif training.method is None and intent.engine != "trl":
        return not_known("whether all weights are trained, or an adapter alone")
    tell = failed if kind == "float16" or _unscales_no_bf16(snapshot) else warned
    return tell(
        f"Weights loaded in {kind} are trained under fp16: their gradients cannot be unscaled.",
        *proof,
        remedy="Say --bf16 with --dtype bfloat16 (compute capability 8.0 and newer), or load "
        "with --dtype float32.",
    )


def _over_quantized(snapshot: Snapshot, intent: Intent, training: Training) -> Verdict:
    """Tell of adapters that TRL makes bfloat16."""
    if training.fsdp is not None:
        return not_known("how FSDP scales gradients that are bfloat16")
    tell = failed if _unscales_no_bf16(snapshot) else warned
    last = last_with_other_adapters(intent)
    remedy = f"Install TRL {last}, or train in bf16, which is slow on this GPU."
    if gpu_without_bf16(snapshot, intent) is None:
        remedy = "Say --bf16 True --fp16 False --dtype bfloat16 (compute capability 8.0 and newer)."
    return tell(
        "TRL makes adapters over quantized weights bfloat16, whose gradients fp16 cannot unscale.",
        seen("fp16 = True"),
        seen(f"trl {version_of(snapshot, 'trl')} is installed, {last} is the last that does not"),
        remedy=remedy,
    )


def _unscales_no_bf16(snapshot: Snapshot) -> bool:
    torch = release_here(snapshot, "torch")
    return torch is not None and torch <= _UNSCALES_NO_BF16


def _loaded(snapshot: Snapshot, intent: Intent) -> str | None:
    """Return the number type that weights are loaded in.

    transformers 4 loads float32 where nothing is said, TRL's commands do so too (ModelConfig).
    """
    asked = intent.dtype
    if asked is not None and asked != "auto":
        return asked.removeprefix("torch.")
    release = release_here(snapshot, "transformers")
    if asked is None:
        if intent.engine == "trl" or (release is not None and release < (5,)):
            return "float32"
        if release is None:
            return None
    config = snapshot.model.config if snapshot.model else None
    return read_architecture(config).dtype if config is not None else None


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    half = folder(config={**LLAMA, "torch_dtype": "float16"})

    def of(
        outcome: Outcome,
        *,
        peft: str = "0.17.0",
        version: str = "4.46.3",
        torch: str | None = None,
        **said: Any,
    ) -> Example:
        packages = {"transformers": version, "peft": peft, **({"torch": torch} if torch else {})}
        here = machine(packages=packages)
        return Example(outcome=outcome, snapshot=world(half, here), intent=tuning(**said))

    full: dict[str, Any] = {"method": "full", "fp16": True}
    yield of(Outcome.FAIL, **full, dtype="float16")
    yield of(Outcome.FAIL, **full, dtype="auto")
    yield of(Outcome.WARN, **full, dtype="bfloat16")
    yield of(Outcome.FAIL, **full, dtype="bfloat16", torch="2.8.0")
    yield of(Outcome.PASS, **adapter(), fp16=True, dtype="bfloat16")
    yield of(Outcome.PASS, **full)
    yield of(Outcome.FAIL, **full, version="5.2.0")
    yield of(Outcome.PASS, **full, dtype="float32", version="5.2.0")
    yield of(Outcome.PASS, **adapter(), fp16=True, dtype="float16")
    yield of(Outcome.FAIL, **adapter(), fp16=True, dtype="float16", peft="0.11.1")
    yield of(Outcome.SKIP, method="full", bf16=True, dtype="float16")
    yield of(Outcome.SKIP, **full, dtype="float16", deepspeed={"fp16": {"enabled": True}})
    yield of(Outcome.SKIP, fp16=True, dtype="float16")

    def over_four_bits(
        outcome: Outcome, trl: str, torch: str = "2.8.0", *, start: str = "trl sft", says: str = ""
    ) -> Example:
        here = machine(
            gpus=[gpu("Tesla T4", 16, "7.5")],
            packages={"transformers": "4.57.1", "peft": "0.18.0", "trl": trl, "torch": torch},
        )
        said = {**adapter(), "method": "qlora", "load_in_bits": 4, "dtype": "float16"}
        intent = tuning(**said, engine="trl", fp16=True, command=f"{start} --output_dir o")
        return Example(outcome=outcome, snapshot=world(half, here), intent=intent, says=says)

    yield over_four_bits(Outcome.FAIL, "0.26.0", says="cannot unscale")
    yield over_four_bits(Outcome.WARN, "0.26.0", "2.14.0", says="cannot unscale")
    yield over_four_bits(Outcome.PASS, "0.25.1")
    yield over_four_bits(Outcome.PASS, "0.28.0", start="trl dpo")
    yield over_four_bits(Outcome.FAIL, "1.0.0", start="trl dpo")
    yield over_four_bits(Outcome.SKIP, "0.26.0", start="python mine.py", says="not known")
