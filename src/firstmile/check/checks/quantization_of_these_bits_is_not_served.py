"""The bits and the group size of quantized files are ones that the engine has kernels for.

Why: vLLM reads AWQ of 4 bits alone ("Currently, only 4-bit weight quantization is supported for
AWQ"), and GPTQ of 2, 3, 4 and 8 bits. Files of other widths, and groups of other sizes than 32,
64 and 128, are left to slow kernels or refused.

Fix: quantize to 4 bits in groups of 128, or take files of the model that somebody did so.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec.structs import replace

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
    stated,
    warned,
)
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="computation/quantization",
    references=(
        "https://github.com/vllm-project/vllm/tree/main/vllm/model_executor/layers/quantization",
    ),
)
_WIDTHS: Final[Mapping[str, tuple[int, ...]]] = {"awq": (4, 8), "gptq": (2, 3, 4, 8)}
_PLAIN_AWQ: Final = (4,)
_FAST_GROUPS: Final = (-1, 32, 64, 128)
"""Those of the Marlin kernels (`MARLIN_SUPPORTED_GROUP_SIZES`)."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold bits and group size against those that the kernels take."""
    if intent.engine not in ("vllm", "sglang"):
        return does_not_apply("the engine has other kernels")
    config = config_of(snapshot)
    if config is None:
        return unknown_config()
    files = quantized_files(config)
    if files is None or files.method not in _WIDTHS:
        return does_not_apply("the files are not quantized by AWQ or GPTQ")
    if files.bits is None:
        return not_known("the bits that the files are quantized to")
    plain = (intent.quantization or "").lower() == "awq"
    widths = _PLAIN_AWQ if plain else _WIDTHS[files.method]
    proof = [stated("config.json", "quantization_config.bits", files.bits)]
    if files.group is not None:
        proof.append(stated("config.json", "quantization_config.group_size", files.group))
    if files.bits not in widths:
        told = " or ".join(str(each) for each in widths)
        return failed(
            f"The files are quantized to {files.bits} bits; {files.method} is read in {told}.",
            *proof,
            remedy="Take files of 4 bits in groups of 128.",
        )
    if files.group is not None and files.group not in _FAST_GROUPS:
        return warned(
            f"Groups of {files.group} have no fast kernel (Marlin takes 32, 64, 128 or a row).",
            *proof,
            remedy="Take files in groups of 128.",
        )
    return passed("Bits and group size have kernels.", *proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(method: str, bits: int, group: int = 128) -> Snapshot:
        quantized = {"quant_method": method, "bits": bits, "group_size": group}
        return world(folder(config={**LLAMA, "quantization_config": quantized}))

    serve = Intent(action=Action.SERVE, engine="vllm")
    yield Example(outcome=Outcome.PASS, snapshot=of("awq", 4), intent=serve)
    yield Example(outcome=Outcome.FAIL, snapshot=of("awq", 3), intent=serve, says="3 bits")
    plain = replace(serve, quantization="awq")
    yield Example(outcome=Outcome.FAIL, snapshot=of("awq", 8), intent=plain, says="in 4")
    yield Example(outcome=Outcome.PASS, snapshot=of("gptq", 3), intent=serve)
    yield Example(outcome=Outcome.FAIL, snapshot=of("gptq", 5), intent=serve)
    yield Example(outcome=Outcome.WARN, snapshot=of("gptq", 4, 1024), intent=serve, says="1024")
    yield Example(outcome=Outcome.PASS, snapshot=of("gptq", 4, -1), intent=serve)
    yield Example(outcome=Outcome.SKIP, snapshot=of("fp8", 8), intent=serve)
    yield Example(outcome=Outcome.SKIP, snapshot=of("awq", 3), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=serve, says="not known")
