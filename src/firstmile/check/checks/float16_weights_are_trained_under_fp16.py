"""Weights that are trained under fp16 are float32, so that gradients can be scaled.

Why: under fp16 the loss is scaled up, and torch refuses to scale gradients back that are float16
themselves, as they are for weights loaded in float16: the first step ends in "ValueError:
Attempting to unscale FP16 gradients". From transformers 5 on a checkpoint saved in float16 is
loaded so unless told otherwise. Adapters are made in float32 by PEFT 0.12 and newer.

Fix: use bf16 on GPUs that have it, or load the weights in float32 where all of them are trained.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.training_sizes import release_here, training_in
from firstmile.check.training_worlds import adapter, tuning
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import LLAMA, folder, machine, world
from firstmile.facts.model_folder.architecture import read_architecture
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=("trained-weights-are-float16-under-fp16-training",),
    references=("https://huggingface.co/docs/peft/developer_guides/troubleshooting",),
)
_HALF: Final = ("float16", "torch.float16", "fp16", "half")


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
    found = _loaded(snapshot, intent)
    if found is None:
        return not_known("the number type in which the weights are loaded")
    proof = (seen("fp16 = True"), seen(f"weights are loaded in {found}"))
    if found not in _HALF:
        return passed(f"Weights are loaded in {found}.", *proof)
    if training.method in ("lora", "qlora") or training.lora is not None:
        peft = release_here(snapshot, "peft")
        if peft is None:
            return not_known("the installed peft, which decides on the type of new adapters")
        if peft >= (0, 12):
            return passed("PEFT makes new adapters in float32.", *proof)
    elif training.method is None and intent.engine != "trl":
        return not_known("whether all weights are trained, or an adapter alone")
    return failed(
        "Weights loaded in float16 are trained under fp16: their gradients cannot be unscaled.",
        *proof,
        remedy="Say --bf16 with --dtype bfloat16 (compute capability 8.0 and newer), or load "
        "with --dtype float32.",
    )


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
        outcome: Outcome, *, peft: str = "0.17.0", version: str = "4.46.3", **said: Any
    ) -> Example:
        here = machine(packages={"transformers": version, "peft": peft})
        return Example(outcome=outcome, snapshot=world(half, here), intent=tuning(**said))

    full: dict[str, Any] = {"method": "full", "fp16": True}
    yield of(Outcome.FAIL, **full, dtype="float16")
    yield of(Outcome.FAIL, **full, dtype="auto")
    yield of(Outcome.PASS, **full)
    yield of(Outcome.FAIL, **full, version="5.2.0")
    yield of(Outcome.PASS, **full, dtype="float32", version="5.2.0")
    yield of(Outcome.PASS, **adapter(), fp16=True, dtype="float16")
    yield of(Outcome.FAIL, **adapter(), fp16=True, dtype="float16", peft="0.11.1")
    yield of(Outcome.SKIP, method="full", bf16=True, dtype="float16")
    yield of(Outcome.SKIP, **full, dtype="float16", deepspeed={"fp16": {"enabled": True}})
    yield of(Outcome.SKIP, fp16=True, dtype="float16")
