"""Where config.json says GPTQ or AWQ, the files hold tensors packed in that way.

Why: the engine builds packed layers from the config and looks for `q_proj.qweight`. Where the
files hold `q_proj.weight` of plain numbers, transformers fills the packed layers with random
numbers, and engines that know no such parameter stop. It happens when a dequantized or merged
model was saved with the config of the quantized one.

Fix: take "quantization_config" out of config.json, or fetch the packed files.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.quantized_files import stated_quantization
from firstmile.check.quantized_tensors import mark_of
from firstmile.check.tensor_names import PLAIN, layout_of
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
from firstmile.check.weight_files import folder_of, stored
from firstmile.check.worlds import LLAMA, folder, shard, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/meaningless",
    cause="computation/quantization",
    entries=("weights-were-left-random-while-loading",),
    references=("https://huggingface.co/docs/transformers/main/en/quantization/awq",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for packed tensors where the config promises them."""
    model = folder_of(snapshot)
    if isinstance(model, Verdict):
        return model
    said = stated_quantization(model.config)
    method = str((said or {}).get("quant_method", "")).lower()
    if method not in ("gptq", "awq"):
        return does_not_apply("the config states neither GPTQ nor AWQ")
    held = stored(model)
    layout = layout_of(model)
    if held.unread is not None or layout is None:
        return not_known(f"all tensors: {held.unread or 'their names are not known here'}")
    found = mark_of(layout)
    proof = stated("config.json", "quant_method", method)
    if found is not None:
        return passed(f"The files hold packed tensors, as {method.upper()} has them.", proof)
    plain = [
        one.name
        for tensors in layout.layers.values()
        for one in tensors.values()
        if one.dtype in PLAIN and len(one.shape) == 2
    ]
    if not plain:
        return not_known("how the tensors are packed")
    return failed(
        f"The config says {method.upper()}, and the files hold plain numbers.",
        proof,
        seen(plain[0]),
        remedy='Take "quantization_config" out of config.json, or fetch the packed files.',
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(method: str | None, name: str, dtype: str) -> Snapshot:
        tensors = {f"model.layers.0.self_attn.q_proj.{name}": (dtype, (8, 8))}
        config: dict[str, Any] = dict(LLAMA)
        if method is not None:
            config["quantization_config"] = {"quant_method": method, "bits": 4}
        return world(folder(config=config, shards=[shard(tensors)]))

    yield Example(outcome=Outcome.PASS, snapshot=of("gptq", "qweight", "I32"))
    yield Example(outcome=Outcome.PASS, snapshot=of("awq", "qweight", "I32"))
    yield Example(outcome=Outcome.FAIL, snapshot=of("gptq", "weight", "F16"), says="plain numbers")
    yield Example(outcome=Outcome.FAIL, snapshot=of("awq", "weight", "BF16"), says="AWQ")
    yield Example(outcome=Outcome.SKIP, snapshot=of("bitsandbytes", "weight", "BF16"))
    yield Example(outcome=Outcome.SKIP, snapshot=of(None, "weight", "BF16"))
    yield Example(outcome=Outcome.SKIP, snapshot=of("gptq", "weight", "U8"), says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder(kind="gguf")), says="does not apply")
