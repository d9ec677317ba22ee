"""The layer class that FSDP wraps is one that the model has.

Why: FSDP parts a model by its layers, named by their class (LlamaDecoderLayer). With a class of
another family, left over from an example, it stops with "Could not find the transformer layer
class ... in the model". Without any class accelerate takes what the model itself names.

Fix: leave fsdp_transformer_layer_cls_to_wrap out, or name the class of this model's layers.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.layer_names import layers_of
from firstmile.check.scripts.literals import UNREAD
from firstmile.check.training_sizes import fsdp_value, training_in
from firstmile.check.training_worlds import tuning
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
from firstmile.findings import Outcome

_OF_OTHER_PARTS: Final = ("vision", "encoder", "siglip", "clip", "embedding", "projector")
ABOUT: Final = About(
    symptom="crash/value/value-error",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    references=("https://huggingface.co/docs/accelerate/usage_guides/fsdp",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the class with that of the model type."""
    training = training_in(intent)
    if isinstance(training, Verdict):
        return training
    if training.fsdp is None:
        return does_not_apply("FSDP is not used")
    said = fsdp_value(training, "transformer_layer_cls_to_wrap")
    listed = said if isinstance(said, list) else str(said or "").split(",")
    named = [str(each).strip() for each in listed if str(each).strip()]
    if not named:
        return does_not_apply("no class of layers is named")
    if not all(each.isidentifier() for each in named):
        return not_known("the classes of layers, which are no literals")
    config = snapshot.model.config if snapshot.model else None
    if config is None:
        return not_known("the model's config")
    if config.get("auto_map"):
        return not_known("the classes of the model's own code")
    layers = layers_of(config)
    if layers is None:
        return not_known(f"the layers of model type {config.get('model_type')}")
    kin = layers.classes[0].removesuffix("DecoderLayer").removesuffix("Block").lower()
    proof = (
        seen(f"fsdp_transformer_layer_cls_to_wrap = {','.join(named)}"),
        stated("config.json", "model_type", config.get("model_type")),
    )
    wrong = [each for each in named if each not in layers.classes and not _akin(each, kin)]
    if wrong:
        return failed(
            f"FSDP is to wrap {wrong[0]}, which {layers.model_type} does not have.",
            *proof,
            remedy=f"Set fsdp_transformer_layer_cls_to_wrap to {layers.classes[0]}, or leave it "
            "out.",
        )
    return passed(f"FSDP wraps {', '.join(named)}.", *proof)


def _akin(name: str, kin: str) -> bool:
    """Say whether a class may be a further part of the same family, such as its vision blocks."""
    folded = name.lower()
    return folded.startswith(kin) or any(word in folded for word in _OF_OTHER_PARTS)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, name: Any, model_type: str = "llama", **more: Any) -> Example:
        model = folder(config={**LLAMA, "model_type": model_type, **more})
        fsdp = {"fsdp_transformer_layer_cls_to_wrap": name, "fsdp_version": 1}
        return Example(outcome=outcome, snapshot=world(model), intent=tuning(fsdp=fsdp))

    yield of(Outcome.PASS, "LlamaDecoderLayer")
    yield of(Outcome.FAIL, "LlamaDecoderLayer", "qwen2")
    yield of(Outcome.PASS, ["Qwen2DecoderLayer"], "qwen2")
    yield of(Outcome.PASS, "Qwen2VLDecoderLayer,Qwen2VLVisionBlock", "qwen2_vl")
    yield of(Outcome.FAIL, "GPT2Block", "gpt_neox")
    yield of(Outcome.SKIP, "LlamaDecoderLayer", "brand_new")
    yield of(Outcome.SKIP, "QWenBlock", "qwen", auto_map={"AutoModel": "m.Q"})
    yield of(Outcome.SKIP, "")
    yield of(Outcome.SKIP, UNREAD, "qwen2")
