"""The number type is one that the kernels of the model's quantization compute in.

Why: vLLM's plain kernels for AWQ and GPTQ compute in float16 alone, its newer ones (Marlin) in
bfloat16 as well; MXFP4 computes in bfloat16 alone, and none of them in float32. Plain kernels are
taken where the command names them (--quantization awq) and for GPTQ with zero points (sym false)
or of 2 and 3 bits. It ends in "torch.bfloat16 is not supported for quantization method awq.
Supported dtypes: [torch.float16]".

Fix: set --dtype half for plain kernels, or leave --quantization out, so that the newer ones are
taken; leave the type of MXFP4 to the engine.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec.structs import replace

from firstmile.check.intent import Action, Intent
from firstmile.check.model_sizes import (
    config_of,
    unknown_config,
)
from firstmile.check.precision import BFLOAT16_FROM, number_type, nvidia_gpus, weakest
from firstmile.check.quantized_files import Quantized, quantized_files
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
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.model_folder.architecture import read_architecture
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="computation/quantization",
    stage="inference",
    entries=("quantization-kernel-needs-a-newer-gpu-or-float16",),
    references=(
        "https://github.com/vllm-project/vllm/tree/main/vllm/model_executor/layers/quantization",
    ),
)
_TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "awq": ("float16",),
    "gptq": ("float16",),
    "mxfp4": ("bfloat16",),
    "awq_marlin": ("float16", "bfloat16"),
    "gptq_marlin": ("float16", "bfloat16"),
    "fp8": ("float16", "bfloat16"),
}
"""`get_supported_act_dtypes` of each method."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Find the kernels that vLLM takes, and hold the number type against theirs."""
    if intent.engine != "vllm":
        return does_not_apply("the engine is not vLLM")
    config = config_of(snapshot)
    if config is None:
        return unknown_config()
    files = quantized_files(config)
    if files is None:
        return does_not_apply("the files are not quantized")
    kernels = _kernels(files, (intent.quantization or "").lower())
    if kernels not in _TYPES:
        return does_not_apply(f"the types that {files.method} computes in are not known")
    sizes = read_architecture(config)
    asked = number_type(intent.dtype)
    kind = asked or number_type(sizes.dtype)
    if kind is None:
        return not_known("the number type: neither the command nor the config names one")
    proof = [
        stated("config.json", files.key, files.method),
        seen(f"dtype = {asked}") if asked else stated("config.json", "torch_dtype", sizes.dtype),
    ]
    if intent.quantization:
        proof.append(seen(f"quantization = {intent.quantization}"))
    found = weakest(nvidia_gpus(snapshot, intent))
    falls_back = asked is None and kind == "bfloat16" and found and found[1] < BFLOAT16_FROM
    if asked is None and kind == "float32":
        return passed("vLLM halves the float32 of the config by itself.", *proof)
    if kind in _TYPES[kernels] or (falls_back and "float16" in _TYPES[kernels]):
        return passed(f"The kernels of {kernels} compute in the type that is taken.", *proof)
    leave = intent.quantization and kernels in ("awq", "gptq") and kind == "bfloat16"
    right = "half" if "float16" in _TYPES[kernels] else "bfloat16"
    return failed(
        f"The kernels of {kernels} compute in {' and '.join(_TYPES[kernels])}, not in {kind}.",
        *proof,
        remedy=f"Set --dtype {right}{', or leave --quantization out' if leave else ''}.",
    )


def _kernels(files: Quantized, asked: str) -> str:
    """Return the kernels that vLLM takes for files, as its `override_quantization_method` does."""
    if asked in ("awq", "gptq"):
        return asked
    if files.method == "awq":
        whole = files.bits in (4, 8) and files.group is not None and "zero_point" in files.stated
        return "awq_marlin" if whole else "awq"
    if files.method == "gptq":
        whole = files.bits in (4, 8) and files.group is not None and "desc_act" in files.stated
        return "gptq_marlin" if whole and files.symmetric else "gptq"
    return files.method


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(method: str, kept: str = "bfloat16", capability: str = "8.0", **more: Any) -> Snapshot:
        quantized = {"quant_method": method, "bits": 4, "group_size": 128, **more}
        made = {**LLAMA, "torch_dtype": kept, "quantization_config": quantized}
        return world(folder(config=made), machine(gpus=[gpu(capability=capability)]))

    serve = Intent(action=Action.SERVE, engine="vllm")
    plain = replace(serve, quantization="awq")
    awq = of("awq", zero_point=True)
    yield Example(outcome=Outcome.FAIL, snapshot=awq, intent=plain, says="not in bfloat16")
    yield Example(outcome=Outcome.PASS, snapshot=awq, intent=serve)
    yield Example(outcome=Outcome.PASS, snapshot=awq, intent=replace(plain, dtype="half"))
    yield Example(
        outcome=Outcome.PASS, snapshot=of("awq", "float16", zero_point=True), intent=plain
    )
    yield Example(
        outcome=Outcome.PASS, snapshot=of("awq", capability="7.5", zero_point=True), intent=plain
    )
    odd = of("gptq", sym=False, desc_act=False)
    yield Example(outcome=Outcome.FAIL, snapshot=odd, intent=serve, says="gptq compute in float16")
    yield Example(outcome=Outcome.PASS, snapshot=of("gptq", sym=True, desc_act=True), intent=serve)
    yield Example(
        outcome=Outcome.FAIL, snapshot=of("mxfp4"), intent=replace(serve, dtype="float16")
    )
    yield Example(outcome=Outcome.PASS, snapshot=of("mxfp4"), intent=serve)
    yield Example(outcome=Outcome.FAIL, snapshot=of("fp8"), intent=replace(serve, dtype="float32"))
    yield Example(outcome=Outcome.SKIP, snapshot=of("hqq"), intent=serve)
    yield Example(outcome=Outcome.SKIP, snapshot=world(folder(config=LLAMA)), intent=serve)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=serve, says="not known")
