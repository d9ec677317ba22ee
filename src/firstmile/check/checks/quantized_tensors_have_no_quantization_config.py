"""Where the tensors are quantized, config.json says how.

Why: transformers learns of a quantization from `quantization_config` in config.json alone. Without
it, names such as `q_proj.qweight` are unknown to it: it fills `q_proj.weight` with random numbers,
warns, and the model writes nonsense. AutoGPTQ and AutoAWQ used to write `quantize_config.json` or
`quant_config.json` instead, which vLLM still reads and transformers never did; and a config that
was copied from the unquantized model lacks it.

Fix: put the settings into config.json under "quantization_config", with its "quant_method".
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Intent
from firstmile.check.own_code import uses_transformers
from firstmile.check.quantized_files import stated_quantization
from firstmile.check.quantized_tensors import mark_of, stated_beside
from firstmile.check.tensor_names import layout_of
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
from firstmile.check.weight_files import folder_of
from firstmile.check.worlds import LLAMA, folder, shard, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/meaningless",
    cause="computation/quantization",
    entries=("weights-were-left-random-while-loading",),
    references=("https://huggingface.co/docs/transformers/main/en/quantization/gptq",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for a statement of what the tensors show."""
    model = folder_of(snapshot)
    if isinstance(model, Verdict):
        return model
    if model.config is None:
        return not_known("the config of the model")
    layout = layout_of(model)
    if layout is None:
        return not_known("the names of the tensors")
    found = mark_of(layout)
    if found is None:
        return does_not_apply("the tensors are not quantized")
    form, tensor = found
    if stated_quantization(model.config) is not None:
        return passed("The config states how the tensors are quantized.", seen(tensor))
    if "quantization_config" in intent.overrides or intent.quantization == "modelopt":
        return does_not_apply("the command says how the tensors are quantized")
    beside = stated_beside(model)
    if beside is None:
        return failed(
            f"The tensors are quantized ({form}), and no file says how.",
            seen(tensor),
            seen("config.json has no quantization_config", file="config.json"),
            remedy="Fetch the config.json of the quantized repository.",
        )
    text = f"The tensors are quantized ({form}); {beside[0]} says how, and config.json does not."
    remedy = f'Put what {beside[0]} holds into config.json as "quantization_config".'
    proof = (seen(tensor), seen("states the quantization", file=beside[0]))
    if intent.engine is not None and uses_transformers(intent):
        return failed(f"{text} They are left random.", *proof, remedy=remedy)
    if intent.engine is not None:
        return passed(text, *proof)
    return warned(f"{text} Only transformers minds.", *proof, remedy=remedy)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(name: str, beside: str | None = None, **config: Any) -> Snapshot:
        tensors = {f"model.layers.0.{name}": ("I32", (8, 8))}
        documents = {beside: {"bits": 4}} if beside is not None else {}
        made = folder(config={**LLAMA, **config}, documents=documents, shards=[shard(tensors)])
        return world(made)

    packed = "self_attn.q_proj.qweight"
    gptq = {"quant_method": "gptq", "bits": 4}
    yield Example(outcome=Outcome.PASS, snapshot=of(packed, quantization_config=gptq))
    yield Example(outcome=Outcome.FAIL, snapshot=of(packed), says="no file says how")
    nf4 = of("self_attn.q_proj.weight.absmax")
    yield Example(outcome=Outcome.FAIL, snapshot=nf4, says="bitsandbytes")
    beside = of(packed, beside="quantize_config.json")
    yield Example(outcome=Outcome.WARN, snapshot=beside)
    vllm, own = Intent(engine="vllm"), Intent(engine="transformers")
    yield Example(outcome=Outcome.PASS, snapshot=beside, intent=vllm)
    yield Example(outcome=Outcome.FAIL, snapshot=beside, intent=own, says="left random")
    plain = of("self_attn.q_proj.weight")
    yield Example(outcome=Outcome.SKIP, snapshot=plain, says="not quantized")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder(config=LLAMA)), says="not known")
