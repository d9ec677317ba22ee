"""The GPU is new enough for the kernels of the model's quantization.

Why: kernels are written for a compute capability and those above it. AWQ wants 7.5 (Turing),
MXFP4 8.0 in vLLM, FP8 computes in hardware from 8.9 on. Below, vLLM stops with "The quantization
method awq is not supported for the current GPU. Minimum capability: 75", transformers unpacks
FP8 and MXFP4 to bfloat16, two to four times as large, and then runs out of memory.

Fix: take the model in a quantization that this GPU has kernels for: GPTQ or a GGUF on older ones,
AWQ or GPTQ instead of FP8 before Ada.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec.structs import replace

from firstmile.check.cuda_builds import Capability
from firstmile.check.installed import named
from firstmile.check.intent import Action, Intent
from firstmile.check.model_sizes import (
    config_of,
    unknown_config,
)
from firstmile.check.precision import dotted, nvidia_gpus, weakest
from firstmile.check.quantized_files import quantized_files
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
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="computation/quantization",
    entries=("quantization-kernel-needs-a-newer-gpu-or-float16",),
    references=(
        "https://docs.vllm.ai/en/stable/features/quantization/index.html",
        "https://github.com/vllm-project/vllm/tree/main/vllm/model_executor/layers/quantization",
        "https://github.com/huggingface/transformers/tree/main/src/transformers/quantizers",
    ),
)
_REFUSED: Final[Mapping[str, Mapping[str, Capability]]] = {
    "vllm": {"awq": (7, 5), "gptq": (6, 0), "bitsandbytes": (7, 0), "fp8": (7, 5),
             "compressed-tensors": (7, 0), "mxfp4": (8, 0), "modelopt": (7, 5)},
    "transformers": {"fbgemm_fp8": (9, 0), "eetq": (7, 5)},
}  # fmt: skip
"""`get_min_capability` of each method, the lowest of its releases, and `validate_environment`."""
_UNPACKED: Final[Mapping[str, Mapping[str, Capability]]] = {
    "vllm": {"fp8": (8, 9), "modelopt": (8, 9)},
    "transformers": {"fp8": (8, 9), "mxfp4": (7, 5)},
}
"""Below these the hardware lacks the type: vLLM unpacks it as it goes, transformers in advance."""

_NVFP4: Final = (10, 0)
"""`get_min_capability` of ModelOptFp4Config in SGLang's modelopt_quant.py."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the oldest GPU that is used against what the method's kernels need."""
    engine = "transformers" if intent.engine in (None, "trl", "accelerate") else intent.engine
    if engine == "sglang":
        return _in_sglang(snapshot, intent)
    if engine not in _REFUSED:
        return does_not_apply("the engine brings kernels of its own")
    config = config_of(snapshot)
    if config is None:
        return unknown_config()
    files = quantized_files(config)
    method = files.method if files is not None else (intent.quantization or "").lower()
    if not method:
        return does_not_apply("the model is not quantized")
    least = _REFUSED[engine].get(method)
    native = _UNPACKED[engine].get(method)
    if least is None and native is None:
        return does_not_apply(f"the method {method} sets no limit in {engine}")
    if snapshot.environment is None:
        return not_known("the GPUs of the machine")
    found = weakest(nvidia_gpus(snapshot, intent))
    if found is None:
        return does_not_apply("the machine has no GPU of NVIDIA whose compute capability is known")
    device, capability = found
    proof = (
        stated("config.json", files.key, method) if files else seen(f"quantization = {method}"),
        seen(named(device)),
    )
    said = f"{device.name} is of compute capability {dotted(capability)}"
    if least is not None and capability < least:
        return failed(
            f"{said}; {method} needs {dotted(least)} in {engine}.",
            *proof,
            remedy="Take a GGUF of the model with llama.cpp, or a GPU of capability "
            f"{dotted(least)} or newer.",
        )
    if native is not None and capability < native:
        what = "unpacks it to bfloat16, which takes the memory of the unquantized model"
        if engine == "vllm":
            what = "unpacks it in every step, which saves memory and no time"
        return warned(
            f"{said}, without hardware for {method}: {engine} {what}.",
            *proof,
            remedy="Take an AWQ or GPTQ of the model, which this GPU has kernels for.",
        )
    return passed(f"{device.name} has kernels for {method}.", *proof)


def _in_sglang(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look at NVFP4, for which many releases of SGLang have kernels of Blackwell alone."""
    config = config_of(snapshot)
    if config is None:
        return unknown_config()
    files = quantized_files(config)
    algorithm = str(files.stated.get("quant_algo", "")) if files is not None else ""
    if files is None or files.method != "modelopt" or "NVFP4" not in algorithm.upper():
        return does_not_apply("the method sets no limit in sglang")
    if snapshot.environment is None:
        return not_known("the GPUs of the machine")
    found = weakest(nvidia_gpus(snapshot, intent))
    if found is None:
        return does_not_apply("the machine has no GPU of NVIDIA whose compute capability is known")
    device, capability = found
    proof = (
        stated("config.json", "quantization_config.quant_algo", algorithm),
        seen(named(device)),
    )
    if capability >= _NVFP4:
        return passed(f"{device.name} has kernels for {algorithm}.", *proof)
    return warned(
        f"{device.name} is of compute capability {dotted(capability)}; many releases of SGLang "
        f"stop at {algorithm} below {dotted(_NVFP4)}.",
        *proof,
        remedy="Serve it by vLLM, which unpacks it, or take an FP8, AWQ or GPTQ of the model.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(method: str | None, name: str, capability: str) -> Snapshot:
        quantized = {"quantization_config": {"quant_method": method, "bits": 4}} if method else {}
        there = machine(gpus=[gpu(name, 16, capability)])
        return world(folder(config={**LLAMA, **quantized}), there)

    vllm = Intent(action=Action.SERVE, engine="vllm")
    plain = Intent(action=Action.GENERATE, engine="transformers")
    v100 = ("Tesla V100-SXM2-16GB", "7.0")
    a100 = ("NVIDIA A100-SXM4-80GB", "8.0")
    yield Example(outcome=Outcome.FAIL, snapshot=of("awq", *v100), intent=vllm, says="needs 7.5")
    yield Example(outcome=Outcome.PASS, snapshot=of("gptq", *v100), intent=vllm)
    yield Example(outcome=Outcome.FAIL, snapshot=of("mxfp4", "Tesla T4", "7.5"), intent=vllm)
    yield Example(outcome=Outcome.PASS, snapshot=of("mxfp4", *a100), intent=vllm)
    yield Example(outcome=Outcome.WARN, snapshot=of("fp8", *a100), intent=vllm, says="no time")
    yield Example(outcome=Outcome.WARN, snapshot=of("fp8", *a100), intent=plain, says="bfloat16")
    ada = ("NVIDIA L40S", "8.9")
    yield Example(outcome=Outcome.PASS, snapshot=of("fp8", *ada), intent=plain)
    yield Example(outcome=Outcome.WARN, snapshot=of("mxfp4", *v100), intent=plain)
    online = replace(vllm, quantization="fp8")
    yield Example(outcome=Outcome.WARN, snapshot=of(None, *a100), intent=online)
    yield Example(outcome=Outcome.SKIP, snapshot=of(None, *a100), intent=vllm)
    stated_nvfp4 = {"quant_method": "modelopt", "quant_algo": "NVFP4", "bits": 4}
    nvfp4 = folder(config={**LLAMA, "quantization_config": stated_nvfp4})
    blackwell = ("NVIDIA B200", "10.0")
    sglang = Intent(action=Action.SERVE, engine="sglang")
    for outcome, (name, capability) in ((Outcome.WARN, a100), (Outcome.PASS, blackwell)):
        there = machine(gpus=[gpu(name, 80, capability)])
        yield Example(outcome=outcome, snapshot=world(nvfp4, there), intent=sglang)
    yield Example(outcome=Outcome.SKIP, snapshot=of("awq", *a100), intent=sglang)
    llama_cpp = Intent(engine="llama.cpp")
    yield Example(outcome=Outcome.SKIP, snapshot=of("awq", *v100), intent=llama_cpp)
