"""A model whose 4-bit GPTQ is known to break on several GPUs of vLLM is served in another form.

Why: numbers of Qwen's models of 32B outgrow float16 in vLLM's 4-bit GPTQ kernels once layers are
split: every answer is "!!!!!!!!", without an error. Qwen's documentation lists it as a known issue
of Qwen2.5-32B-Instruct-GPTQ-Int4, and users met the same with Qwen1.5's. The plain kernels
(--quantization gptq), the only ones before Ampere, are the worst of them.

Fix: take the AWQ variant (from compute capability 7.5 on) or GPTQ-Int8, or a single GPU.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.intent import Action, Intent, Parallel
from firstmile.check.model_sizes import config_of, sizes_of, unknown_config
from firstmile.check.quantized_files import quantized_files
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, passed, seen, stated, warned
from firstmile.check.worlds import LLAMA, folder, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/meaningless",
    cause="computation/quantization",
    stage="inference",
    entries=("float16-overflows-where-bfloat16-does-not",),
    references=(
        "https://github.com/QwenLM/Qwen3/blob/main/docs/source/quantization/gptq.md",
        "https://github.com/QwenLM/Qwen2.5/issues/945",
    ),
)
_OF_32B: Final = (5120, 64)
"""Hidden size and layers of Qwen1.5-32B and Qwen2.5-32B, which 14B (48 layers) does not have."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for the model among those that are known to break, and for several GPUs."""
    if intent.engine != "vllm":
        return does_not_apply("the kernels are vLLM's")
    config, sizes = config_of(snapshot), sizes_of(snapshot)
    if config is None or sizes is None:
        return unknown_config()
    files = quantized_files(config)
    if files is None or files.method != "gptq" or files.bits != 4:
        return does_not_apply("the model is not quantized by GPTQ to 4 bits")
    if sizes.model_type != "qwen2" or (sizes.hidden, sizes.layers) != _OF_32B:
        return does_not_apply("the model is none of those that are known to break")
    size = intent.parallel.tensor or 1
    proof = (
        stated("config.json", files.key, "gptq, 4 bits"),
        stated("config.json", "hidden_size, num_hidden_layers", list(_OF_32B)),
        seen(f"tensor parallel size = {size}"),
    )
    if size > 1:
        return warned(
            "In vLLM on several GPUs this model is known to answer nothing but exclamation marks.",
            *proof,
            remedy="Take the AWQ or the GPTQ-Int8 variant of the model, or a single GPU.",
        )
    return passed("On a single GPU this model is not known to break.", *proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(layers: int = 64, bits: int = 4, method: str = "gptq") -> Snapshot:
        quantized: dict[str, Any] = {"quant_method": method, "bits": bits, "group_size": 128}
        return world(
            folder(
                config={
                    **LLAMA,
                    "model_type": "qwen2",
                    "hidden_size": 5120,
                    "num_hidden_layers": layers,
                    "quantization_config": quantized,
                }
            )
        )

    two = Intent(action=Action.SERVE, engine="vllm", parallel=Parallel(tensor=2))
    one = Intent(action=Action.SERVE, engine="vllm")
    yield Example(outcome=Outcome.WARN, snapshot=of(), intent=two, says="exclamation marks")
    yield Example(outcome=Outcome.PASS, snapshot=of(), intent=one)
    yield Example(outcome=Outcome.SKIP, snapshot=of(48), intent=two)
    yield Example(outcome=Outcome.SKIP, snapshot=of(bits=8), intent=two)
    yield Example(outcome=Outcome.SKIP, snapshot=of(method="awq"), intent=two)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=two, says="not known")
