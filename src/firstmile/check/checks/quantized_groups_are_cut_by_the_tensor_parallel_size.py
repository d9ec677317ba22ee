"""Each rank of tensor parallelism holds whole groups of quantized weights.

Why: quantized weights share a scale in groups or blocks, mostly of 128, and a rank cannot hold a
part of one. Narrow layers, such as the experts of a mixture, are cut too fine by many ranks:
"The input size is not aligned with the quantized weight shape. This can be caused by too large
tensor parallel size", or "is not divisible by weight quantization block_n = 128".

Fix: take a smaller tensor parallel size, spread further by pipeline parallelism, or keep experts
whole with --enable-expert-parallel.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from firstmile.check.counting import counted
from firstmile.check.intent import Intent, Parallel
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
from firstmile.facts.model_folder.architecture import Architecture, read_architecture
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="distributed/model-parallelism",
    entries=("quantized-weights-do-not-divide-by-tensor-parallel-size",),
    references=(
        "https://github.com/vllm-project/vllm/tree/main/vllm/model_executor/layers/quantization",
    ),
)
_GROUPED: Final = ("awq", "gptq", "fp8", "auto-round")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Divide the widths of feed-forward layers and experts by ranks and groups."""
    size = intent.parallel.tensor
    if size is None or size <= 1 or intent.engine not in ("vllm", "sglang"):
        return does_not_apply("the command asks for no tensor parallelism")
    config = config_of(snapshot)
    if config is None:
        return unknown_config()
    files = quantized_files(config)
    if files is None or files.method not in _GROUPED:
        return does_not_apply("the files are not quantized in groups")
    group = max(files.block) if files.block else files.group
    if group is None or group <= 1:
        return does_not_apply("the quantization has no groups")
    sizes = read_architecture(config)
    widths = _widths(sizes, intent.parallel.expert is True)
    if not widths:
        return not_known("the widths of the layers, which the config does not state")
    asked = seen(f"tensor parallel size = {size}")
    key = "weight_block_size" if files.block else "group_size"
    said = files.stated.get("weight_block_size") if files.block else group
    groups = stated("config.json", f"quantization_config.{key}", said)
    for name, width in widths:
        if width % size == 0 and width // size % group:
            fits = [n for n in (1, 2, 4, 8, 16) if width % (n * group) == 0]
            experts = name == "moe_intermediate_size"
            return failed(
                f"A width of {width:,} over {counted(size, 'rank')} is {width // size:,}, not "
                "whole groups "
                f"of {group}.",
                asked,
                seen(f"{name} = {width}", file="config.json"),
                groups,
                remedy=f"Take a tensor parallel size of {' or '.join(map(str, fits))}"
                f"{', or add --enable-expert-parallel' if experts else ''}."
                if fits
                else "Take files that are not quantized in groups.",
            )
    return passed(f"Each of {counted(size, 'rank')} holds whole groups of {group}.", asked, groups)


def _widths(sizes: Architecture, whole_experts: bool) -> list[tuple[str, int]]:
    experts = sizes.experts
    widths: list[tuple[str, int | None]] = []
    dense = experts is None or experts.dense_layers
    if sizes.latent is None and sizes.heads and sizes.head_width:
        widths.append(("num_attention_heads x head_dim", sizes.heads * sizes.head_width))
    if dense:
        widths.append(("intermediate_size", sizes.feed_forward))
    if experts is not None and not whole_experts:
        widths.append(("moe_intermediate_size", experts.width))
    return [(name, width) for name, width in widths if width]


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    experts = {
        **LLAMA,
        "model_type": "qwen3_moe",
        "num_experts": 128,
        "num_experts_per_tok": 8,
        "moe_intermediate_size": 1536,
        "intermediate_size": 12288,
    }

    def of(config: Mapping[str, Any], **quantized: Any) -> Snapshot:
        return world(folder(config={**config, "quantization_config": quantized}))

    def over(size: int, expert: bool | None = None) -> Intent:
        return Intent(engine="vllm", parallel=Parallel(tensor=size, expert=expert))

    fp8 = of(experts, quant_method="fp8", weight_block_size=[128, 128])
    yield Example(outcome=Outcome.FAIL, snapshot=fp8, intent=over(8), says="1,536 over 8")
    yield Example(outcome=Outcome.PASS, snapshot=fp8, intent=over(4))
    yield Example(outcome=Outcome.PASS, snapshot=fp8, intent=over(8, True))
    awq = of({**LLAMA, "intermediate_size": 29568}, quant_method="awq", bits=4, group_size=128)
    yield Example(outcome=Outcome.FAIL, snapshot=awq, intent=over(8), says="29,568 over 8")
    narrow = of({**LLAMA, "intermediate_size": 18944}, quant_method="gptq", bits=4, group_size=128)
    yield Example(outcome=Outcome.PASS, snapshot=narrow, intent=over(4))
    small = {**LLAMA, "hidden_size": 896, "num_attention_heads": 14, "intermediate_size": 4864}
    tiny = of(small, quant_method="awq", bits=4, group_size=128)
    yield Example(outcome=Outcome.FAIL, snapshot=tiny, intent=over(2), says="896 over 2")
    whole = of(LLAMA, quant_method="gptq", bits=4, group_size=-1)
    yield Example(outcome=Outcome.SKIP, snapshot=whole, intent=over(8))
    rows = of(LLAMA, quant_method="fp8")
    yield Example(outcome=Outcome.SKIP, snapshot=rows, intent=over(8))
    yield Example(outcome=Outcome.SKIP, snapshot=fp8, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=over(8), says="not known")
