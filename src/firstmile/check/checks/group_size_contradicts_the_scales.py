"""The scales of GPTQ and AWQ files are as many as bits and group size of the config give.

Why: the config says how many numbers share a scale, and how many fit into a word. Where it belongs
to another quantization of the same model (128 instead of 32 or -1, 8 bits instead of 4), kernels
read the wrong scale for each number: some stop at a shape ("size mismatch for ...scales"), others
compute on, and the answers are noise.

Fix: fetch config.json and weights of the same repository, branch included: GPTQ repositories keep
their sizes in branches such as "gptq-4bit-32g-actorder_True".
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent
from firstmile.check.quantized_files import stated_quantization
from firstmile.check.tensor_names import layout_of
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
from firstmile.check.weight_files import folder_of
from firstmile.check.worlds import LLAMA, folder, shard, world
from firstmile.facts.model_folder.folder import Tensor
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/meaningless",
    cause="computation/quantization",
    entries=("four-bit-weights-are-multiplied-as-if-they-were-plain",),
    references=("https://huggingface.co/docs/transformers/main/en/quantization/gptq",),
)
_WORD: Final = 32
"""Bits of the words into which both pack their numbers: GPTQ along inputs, AWQ along outputs."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compute inputs and outputs of one packed matrix in both ways."""
    model = folder_of(snapshot)
    if isinstance(model, Verdict):
        return model
    said = stated_quantization(model.config) or {}
    method = str(said.get("quant_method", "")).lower()
    bits, group = said.get("bits", said.get("w_bit")), said.get("group_size")
    if method not in ("gptq", "awq") or not isinstance(bits, int) or not isinstance(group, int):
        return does_not_apply("the config states no group size of GPTQ or AWQ")
    if said.get("dynamic") or said.get("modules_in_block_to_quantize") or bits not in (2, 4, 8):
        return does_not_apply("the config states bits and groups by module")
    layout = layout_of(model)
    found = None if layout is None else _packed(layout.layers)
    if found is None:
        return not_known("the shapes of packed matrices")
    packed, scales = found
    per_word = _WORD // bits
    if method == "gptq":
        inputs, outputs = packed.shape[0] * per_word, packed.shape[1]
    else:
        inputs, outputs = packed.shape[0], packed.shape[1] * per_word
    groups = 1 if group <= 0 else -(-inputs // group)
    proof = (
        stated("config.json", "bits", bits),
        stated("config.json", "group_size", group),
        seen(f"{packed.name}: {list(packed.shape)}"),
        seen(f"{scales.name}: {list(scales.shape)}"),
    )
    if scales.shape == (groups, outputs):
        return passed(f"The scales fit {bits} bits in groups of {group}.", *proof)
    return failed(
        f"The config gives {counted(groups, 'scale')} for each of {outputs:,} outputs, and the "
        "file has "
        f"{list(scales.shape)}.",
        *proof,
        remedy="Fetch config.json and weights of the same repository and branch.",
    )


def _packed(layers: Mapping[int, Mapping[str, Tensor]]) -> tuple[Tensor, Tensor] | None:
    for tensors in layers.values():
        for name, one in tensors.items():
            if name.endswith(".qweight") and len(one.shape) == 2:
                scales = tensors.get(name.removesuffix("qweight") + "scales")
                if scales is not None and len(scales.shape) == 2:
                    return one, scales
    return None


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(
        packed: tuple[int, int], scales: tuple[int, int], method: str = "gptq", **said: Any
    ) -> Snapshot:
        stem = "model.layers.0.self_attn.q_proj"
        tensors = {f"{stem}.qweight": ("I32", packed), f"{stem}.scales": ("F16", scales)}
        tree = {"quant_method": method, "bits": 4, "group_size": 128, **said}
        config = {**LLAMA, "quantization_config": tree}
        return world(folder(config=config, shards=[shard(tensors)]))

    yield Example(outcome=Outcome.PASS, snapshot=of((512, 4096), (32, 4096)))
    awq = of((4096, 512), (32, 4096), method="awq")
    yield Example(outcome=Outcome.PASS, snapshot=awq)
    whole = of((512, 4096), (1, 4096), group_size=-1)
    yield Example(outcome=Outcome.PASS, snapshot=whole)
    finer = of((512, 4096), (128, 4096))
    yield Example(outcome=Outcome.FAIL, snapshot=finer, says="gives 32 scales")
    eight = of((512, 4096), (32, 4096), bits=8)
    yield Example(outcome=Outcome.FAIL, snapshot=eight, says="gives 16 scales")
    other = of((4096, 512), (32, 4096))
    yield Example(outcome=Outcome.FAIL, snapshot=other)
    dynamic = of((512, 4096), (128, 4096), dynamic={"-:lm_head": {}})
    yield Example(outcome=Outcome.SKIP, snapshot=dynamic, says="by module")
    plain = of((512, 4096), (32, 4096), method="fp8")
    yield Example(outcome=Outcome.SKIP, snapshot=plain, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder(kind="gguf")), says="not a folder")
