"""Which packages loading a quantized model takes, by its method: a table with its sources.

From the `validate_environment` of each file in
https://github.com/huggingface/transformers/tree/main/src/transformers/quantizers (read in 4.46.3
and 5.23.0), and vLLM's https://docs.vllm.ai/en/latest/features/quantization/bnb.html.
"""

from typing import Final

from firstmile.check.intent import Intent
from firstmile.check.quantized_files import quantized_files
from firstmile.check.releases import older
from firstmile.facts.model_folder.folder import ModelFolder

Choice = tuple[str, ...]
"""Packages of which one is enough; its first is the one to install."""

_ALWAYS: Final[dict[str, tuple[Choice, ...]]] = {
    "bitsandbytes": (("bitsandbytes",), ("accelerate",)),
    "compressed-tensors": (("compressed-tensors",),),
    "aqlm": (("aqlm",), ("accelerate",)),
    "hqq": (("hqq",),),
    "torchao": (("torchao",),),
    "quanto": (("optimum-quanto",),),
    "fbgemm_fp8": (("fbgemm-gpu",), ("accelerate",)),
    "fp8": (("accelerate",),),
    "auto-round": (("auto-round",),),
    "gguf": (("gguf",),),
}
_SINCE_FIVE: Final[dict[str, tuple[Choice, ...]]] = {
    "gptq": (("gptqmodel",), ("optimum",)),
    "awq": (("gptqmodel",), ("accelerate",)),
    "eetq": (("kernels",), ("accelerate",)),
}
_BEFORE_FIVE: Final[dict[str, tuple[Choice, ...]]] = {
    "gptq": (("gptqmodel", "auto-gptq"), ("optimum",)),
    "awq": (("autoawq",), ("accelerate",)),
    "eetq": (("eetq",), ("accelerate",)),
}


def method_of(model: ModelFolder | None, intent: Intent) -> str | None:
    """Return the method by which weights are, or are to be, quantized; None for none."""
    files = None if model is None else quantized_files(model.config)
    if files is not None:
        return files.method or None
    if intent.load_in_bits in (4, 8):
        return "bitsandbytes"
    return intent.quantization


def packages_for(method: str, transformers: str) -> tuple[Choice, ...]:
    """Return the packages that a release of transformers needs for a method."""
    by_release = _BEFORE_FIVE if older(transformers, "5.0.0") else _SINCE_FIVE
    return by_release.get(method) or _ALWAYS.get(method) or ()
