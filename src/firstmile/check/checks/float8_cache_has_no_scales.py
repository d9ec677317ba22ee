"""A cache in 8-bit floats comes with scales that were measured for this model.

Why: e4m3 ends at 448. Without scales in the files vLLM and SGLang take 1.0 for all layers and only
log it; keys that lie beyond are cut off, small ones vanish. Most models bear it; Qwen2 and others
whose keys have large outliers write nonsense in long texts.

Fix: take files that hold scales (llm-compressor measures them), --calculate-kv-scales in older
releases of vLLM, or leave the cache in the model's own type.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.intent import Action, Argument, Intent
from firstmile.check.model_sizes import (
    model_of,
    written,
)
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, passed, seen, warned
from firstmile.check.worlds import LLAMA, folder, shard, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/capability-degradation",
    cause="computation/quantization",
    stage="inference",
    entries=("quantized-or-reused-cache-spoils-the-answers",),
    references=("https://docs.vllm.ai/en/latest/features/quantization/quantized_kvcache/",),
)
_ENDINGS: Final = (".k_scale", ".kv_scale", ".k_proj.output_scale")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for scales among the tensors, and for a scheme in the config."""
    asked = (intent.kv_cache_dtype or "").lower()
    if intent.engine not in ("vllm", "sglang") or asked not in ("fp8", "fp8_e4m3"):
        return does_not_apply("the command keeps no cache in 8-bit floats of the kind e4m3")
    model = model_of(snapshot)
    if model is None or (not model.shards and model.index is None):
        return not_known("the tensors of the model")
    proof = seen(f"kv_cache_dtype = {asked}")
    if written(intent, "calculate_kv_scales") is not None:
        return passed("Scales are measured while the server starts.", proof)
    names = (
        model.index.weight_map.keys()
        if model.index is not None
        else [tensor.name for each in model.shards for tensor in each.tensors]
    )
    if any(name.endswith(_ENDINGS) for name in names):
        return passed("The files hold scales for keys and values.", proof)
    return warned(
        "The files hold no scales for keys and values, so that 1.0 is taken.",
        proof,
        seen("no tensor ends in .k_scale"),
        remedy="Leave --kv-cache-dtype out, or take files with measured scales.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    key = "model.layers.0.self_attn.k_proj.weight"
    plain = world(folder(config=LLAMA, shards=[shard({key: ("BF16", (8, 8))})]))
    serve = Intent(action=Action.SERVE, engine="vllm", kv_cache_dtype="fp8")
    yield Example(outcome=Outcome.WARN, snapshot=plain, intent=serve, says="no scales")
    scaled = {key: ("BF16", (8, 8)), "model.layers.0.self_attn.attn.k_scale": ("F32", (1,))}
    there = world(folder(config=LLAMA, shards=[shard(scaled)]))
    yield Example(outcome=Outcome.PASS, snapshot=there, intent=serve)
    said = Argument(written="--calculate-kv-scales", name="calculate_kv_scales", value=None)
    yield Example(outcome=Outcome.PASS, snapshot=plain, intent=replace(serve, arguments=(said,)))
    yield Example(
        outcome=Outcome.SKIP, snapshot=plain, intent=replace(serve, kv_cache_dtype="fp8_e5m2")
    )
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=serve, says="not known")
