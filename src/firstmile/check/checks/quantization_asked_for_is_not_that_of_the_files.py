"""The quantization that the command asks for is the one that the files have.

Why: quantized files say by which method they were made, and no other reads them. vLLM stops with
"Quantization method specified in the model config (gptq) does not match the quantization method
specified in the `quantization` argument (awq)"; transformers with "The model is quantized with
GPTQConfig but you are passing a BitsAndBytesConfig config". Files that are not quantized cannot
be read as GPTQ or AWQ at all: "Cannot find the config file for awq".

Fix: leave the flag out: engines read the method from the files.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from firstmile.check.intent import Action, Intent
from firstmile.check.model_sizes import (
    config_of,
    unknown_config,
)
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
)
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="computation/quantization",
    entries=("quantization-argument-does-not-fit-the-checkpoint",),
    references=("https://github.com/vllm-project/vllm/blob/main/vllm/config/model.py",),
)
_READS: Final[Mapping[str, tuple[str, ...]]] = {
    "gptq": ("gptq", "gptq_marlin", "marlin", "gptq_bitblas", "bitblas", "moe_wna16", "ipex",
             "gptq_marlin_24", "cpu_gptq", "auto-round", "inc"),
    "awq": ("awq", "awq_marlin", "marlin", "moe_wna16", "ipex", "cpu_awq", "auto-round", "inc"),
    "fp8": ("fp8", "w8a8_fp8"),
    "compressed-tensors": ("compressed-tensors", "compressed_tensors", "w8a8_int8", "w8a8_fp8"),
    "bitsandbytes": ("bitsandbytes",),
    "mxfp4": ("mxfp4", "gpt_oss_mxfp4"),
    "modelopt": ("modelopt", "modelopt_fp4", "modelopt_fp8", "modelopt_mixed", "petit_nvfp4"),
    "auto-round": ("auto-round", "inc", "gptq", "gptq_marlin", "awq", "awq_marlin", "marlin"),
}  # fmt: skip
"""What reads files of a method: the method itself, and kernels that stand in for it."""
_NEEDS_FILES: Final = ("awq", "awq_marlin", "gptq", "gptq_marlin", "compressed-tensors", "marlin")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the method of the command with that of the files."""
    asked = (intent.quantization or "").lower()
    if intent.load_in_bits in (4, 8) and not asked:
        asked = "bitsandbytes"
    if not asked or intent.trains:
        return does_not_apply("the command asks for no quantization of a model that is served")
    if intent.engine in ("llama.cpp", "ollama"):
        return does_not_apply("the engine quantizes files of its own form")
    config = config_of(snapshot)
    if config is None:
        return unknown_config()
    files = quantized_files(config)
    proof = seen(f"quantization = {asked}")
    if files is None:
        if asked in _NEEDS_FILES and intent.engine in ("vllm", "sglang"):
            return failed(
                f"The command asks for {asked}, but the files are not quantized.",
                proof,
                seen("there is no quantization_config", file="config.json"),
                remedy="Leave --quantization out, name a model that was quantized so, or take "
                "one that is quantized while it loads: fp8 or bitsandbytes.",
            )
        return passed("The files are not quantized; it is done while they load.", proof)
    if not files.method:
        return not_known("by which method the files were quantized")
    quote = stated("config.json", files.key, files.method)
    if asked in _READS.get(files.method, (files.method,)):
        return passed(f"The files are quantized by {files.method}, as asked.", proof, quote)
    if files.method not in _READS:
        return not_known(f"what reads files of the method {files.method}")
    return failed(
        f"The command asks for {asked}, but the files are quantized by {files.method}.",
        proof,
        quote,
        remedy="Leave the quantization out of the command: the engine reads it from the files.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(method: str | None, **more: Any) -> Snapshot:
        if method is None:
            return world(folder(config=LLAMA))
        quantized = {"quant_method": method, "bits": 4, "group_size": 128, **more}
        return world(folder(config={**LLAMA, "quantization_config": quantized}))

    def asks(method: str, engine: str = "vllm") -> Intent:
        return Intent(action=Action.SERVE, engine=engine, quantization=method)

    yield Example(outcome=Outcome.FAIL, snapshot=of("gptq"), intent=asks("awq"), says="by gptq")
    yield Example(outcome=Outcome.PASS, snapshot=of("gptq"), intent=asks("gptq_marlin"))
    yield Example(outcome=Outcome.PASS, snapshot=of("awq"), intent=asks("AWQ"))
    yield Example(outcome=Outcome.FAIL, snapshot=of("awq"), intent=asks("bitsandbytes"))
    yield Example(outcome=Outcome.PASS, snapshot=of("fp8"), intent=asks("fp8"))
    yield Example(outcome=Outcome.FAIL, snapshot=of(None), intent=asks("awq"), says="not quantized")
    yield Example(outcome=Outcome.PASS, snapshot=of(None), intent=asks("fp8"))
    bits = Intent(action=Action.GENERATE, engine="transformers", load_in_bits=4)
    yield Example(outcome=Outcome.FAIL, snapshot=of("gptq"), intent=bits, says="by gptq")
    yield Example(outcome=Outcome.PASS, snapshot=of(None), intent=bits)
    yield Example(outcome=Outcome.SKIP, snapshot=of("hqq"), intent=asks("fp8"), says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=of("gptq"), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=asks("awq"), says="not known")
