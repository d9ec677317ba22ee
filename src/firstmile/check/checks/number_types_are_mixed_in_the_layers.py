"""The matrices of the layers are of one number type, quantized ones aside.

Why: a merge of two models, or an adapter merged in part, leaves float16 beside bfloat16. Loaded as
they are, the two meet in one product: "expected mat1 and mat2 to have the same dtype". Cast to
float16, what was bfloat16 can overflow to infinity; the answers are then "!!!!". Norms and routers
in float32 beside such matrices are as intended.

Fix: load with one `dtype` (bfloat16 where the hardware has it), and save the model again in it.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.tensor_names import layout_of
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, not_known, passed, seen, warned
from firstmile.check.weight_files import folder_of
from firstmile.check.worlds import folder, shard, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/value/dtype-mismatch",
    cause="computation/numerical-precision",
    entries=("float16-overflows-where-bfloat16-does-not",),
    references=("https://huggingface.co/docs/transformers/main/en/main_classes/model",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for both half precisions among the matrices of the layers."""
    model = folder_of(snapshot)
    if isinstance(model, Verdict):
        return model
    layout = layout_of(model)
    if layout is None:
        return not_known("the number types of the layers")
    found: dict[str, list[str]] = {}
    for tensors in layout.layers.values():
        for one in tensors.values():
            if len(one.shape) > 1 and one.name.endswith(".weight"):
                found.setdefault(one.dtype, []).append(one.name)
    for groups in layout.experts.values():
        for name, group in groups.items():
            if name.endswith(".weight"):
                found.setdefault(group.first.dtype, []).append(group.first.name)
    if not {"F16", "BF16"} <= found.keys():
        types = ", ".join(sorted(found)) or "no plain matrix"
        return passed("Float16 and bfloat16 are not mixed in the layers.", seen(types))
    return warned(
        "Some matrices of the layers are float16, and others bfloat16.",
        *(
            seen(f"{counted(len(found[each]), 'tensor')} of {each}, such as {found[each][0]}")
            for each in ("F16", "BF16")
        ),
        remedy="Load with dtype=torch.bfloat16 and save the model again with save_pretrained.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(**types: str) -> Snapshot:
        tensors: dict[str, tuple[str, tuple[int, ...]]] = {
            f"model.layers.0.{name.replace('__', '.')}.weight": (dtype, (4, 4))
            for name, dtype in types.items()
        }
        tensors["model.layers.0.input_layernorm.weight"] = ("F32", (4,))
        return world(folder(config={}, shards=[shard(tensors)]))

    yield Example(outcome=Outcome.PASS, snapshot=of(self_attn__q_proj="BF16", mlp__gate="F32"))
    yield Example(outcome=Outcome.PASS, snapshot=of(self_attn__q_proj="F8_E4M3", b="BF16"))
    mixed = of(self_attn__q_proj="F16", self_attn__o_proj="BF16")
    yield Example(outcome=Outcome.WARN, snapshot=mixed, says="float16")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder(config={})), says="not known")
