"""Where config.json says GPTQ, AWQ, FP8 or bitsandbytes, the files hold tensors of that kind.

Why: the engine builds packed layers from the config and looks for `q_proj.qweight`. Where the
files hold `q_proj.weight` of plain numbers, transformers fills the packed layers with random
numbers, and engines that know no such parameter stop. Under a config of FP8 plain numbers are read
as if they were scaled, with scales that are not there; under one of bitsandbytes transformers 4
stops ("does not contain `bitsandbytes__*`", "Incompatible dtype"). It happens when a dequantized or
merged model was saved with the config of the quantized one.

Fix: take "quantization_config" out of config.json, or fetch the packed files.
"""

from collections.abc import Iterator
from typing import Any, Final

from msgspec.structs import replace

from firstmile.check.installed import installed_release
from firstmile.check.intent import Intent
from firstmile.check.own_code import uses_transformers
from firstmile.check.quantized_files import stated_quantization
from firstmile.check.quantized_tensors import mark_of
from firstmile.check.tensor_names import PLAIN, Layout, layout_of
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    stated,
    warned,
)
from firstmile.check.weight_files import folder_of, stored
from firstmile.check.worlds import LLAMA, folder, machine, shard, world
from firstmile.facts.model_folder.folder import Tensor
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/meaningless",
    cause="computation/quantization",
    entries=("weights-were-left-random-while-loading",),
    references=("https://huggingface.co/docs/transformers/main/en/quantization/awq",),
)
_NAMES: Final = {"gptq": "GPTQ", "awq": "AWQ", "fp8": "FP8", "bitsandbytes": "bitsandbytes"}
_SCALED: Final = frozenset(("F8_E4M3", "F8_E5M2"))
_UNSCALED: Final = PLAIN - _SCALED


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for packed tensors where the config promises them."""
    model = folder_of(snapshot)
    if isinstance(model, Verdict):
        return model
    said = stated_quantization(model.config)
    method = str((said or {}).get("quant_method", "")).lower()
    if not method and (said or {}).keys() & {"load_in_4bit", "load_in_8bit"}:
        method = "bitsandbytes"
    if method not in _NAMES:
        return does_not_apply("the config states none of GPTQ, AWQ, FP8 and bitsandbytes")
    held = stored(model)
    layout = layout_of(model)
    if held.unread is not None or layout is None:
        return not_known(f"all tensors: {held.unread or 'their names are not known here'}")
    name = _NAMES[method]
    proof = stated("config.json", "quant_method", method)
    if mark_of(layout) is not None:
        return passed(f"The files hold packed tensors, as {name} has them.", proof)
    plain, others = _of_layers(layout)
    if method == "fp8" and any(one.dtype in _SCALED for one in others):
        return passed("The files hold numbers of 8 bits, as the config says.", proof)
    if not plain or (others and method not in ("gptq", "awq")):
        return not_known("how the tensors are packed")
    say = failed if method != "bitsandbytes" or _refuses(snapshot, intent) else warned
    return say(
        f"The config says {name}, and the files hold plain numbers.",
        proof,
        seen(f"{plain[0].name} is of {plain[0].dtype}"),
        remedy='Take "quantization_config" out of config.json, or fetch the packed files.',
    )


def _of_layers(layout: Layout) -> tuple[list[Tensor], list[Tensor]]:
    """Return the matrices of plain numbers, and those of another kind."""
    held = [one for tensors in layout.layers.values() for one in tensors.values()]
    held += [group.first for groups in layout.experts.values() for group in groups.values()]
    matrices = [one for one in held if len(one.shape) >= 2]
    plain = [one for one in matrices if one.dtype in _UNSCALED]
    return plain, [one for one in matrices if one.dtype not in _UNSCALED]


def _refuses(snapshot: Snapshot, intent: Intent) -> bool:
    """Say whether plain numbers under a config of bitsandbytes are known to be refused."""
    if intent.engine == "vllm":
        return True
    release = installed_release(snapshot, "transformers")
    return release is not None and release < (5, 0) and uses_transformers(intent)


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
    yield Example(outcome=Outcome.FAIL, snapshot=of("fp8", "weight", "BF16"), says="FP8")
    yield Example(outcome=Outcome.PASS, snapshot=of("fp8", "weight_scale_inv", "F32"))
    per_tensor = of("fp8", "weight", "F8_E4M3")
    yield Example(outcome=Outcome.PASS, snapshot=per_tensor, says="8 bits")
    small = of("bitsandbytes", "weight", "BF16")
    yield Example(outcome=Outcome.WARN, snapshot=small, says="bitsandbytes")
    yield Example(outcome=Outcome.FAIL, snapshot=small, intent=Intent(engine="vllm"))
    older = replace(small, environment=machine(packages={"transformers": "4.57.1"}))
    yield Example(outcome=Outcome.FAIL, snapshot=older)
    packed = of("bitsandbytes", "weight.absmax", "U8")
    yield Example(outcome=Outcome.PASS, snapshot=packed)
    yield Example(outcome=Outcome.SKIP, snapshot=of("torchao", "weight", "BF16"))
    yield Example(outcome=Outcome.SKIP, snapshot=of(None, "weight", "BF16"))
    yield Example(outcome=Outcome.SKIP, snapshot=of("gptq", "weight", "U8"), says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder(kind="gguf")), says="does not apply")
