"""A model whose numbers outgrow float16 runs in bfloat16 or float32.

Why: float16 ends at 65,504. The makers of Gemma 2 and 3, GLM-4-0414 and PLaMo 2 trained in
bfloat16, which reaches far beyond, and their hidden states go past that limit: in float16 answers
are empty, "!!!!" or NaN. vLLM refuses it ("does not support float16. Reason: Numerical
instability"). Weights that lie beyond the limit become infinite in any model, and others that were
trained in bfloat16 have been seen to overflow too, such as Qwen2-7B in transformers.

Fix: take --dtype bfloat16; on a GPU older than Ampere take float32 or a quantized GGUF.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import named
from firstmile.check.intent import Intent
from firstmile.check.model_sizes import (
    model_of,
    sizes_of,
    unknown_config,
)
from firstmile.check.precision import (
    BFLOAT16_FROM,
    LARGEST_FLOAT16,
    OVERFLOWING,
    number_type,
    nvidia_gpus,
    weakest,
)
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed, seen, stated, warned
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.model_folder.folder import Sample
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="incorrect/generation/meaningless",
    cause="computation/numerical-precision",
    stage="inference",
    entries=(
        "float16-overflows-where-bfloat16-does-not",
        "sampling-meets-inf-or-nan-probabilities",
    ),
    references=("https://github.com/vllm-project/vllm/blob/main/vllm/config/model.py",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look up the kind of model, and the largest weight that was sampled."""
    asked = number_type(intent.dtype)
    sizes = sizes_of(snapshot)
    model = model_of(snapshot)
    if asked != "float16":
        return does_not_apply("the command does not ask for float16")
    if sizes is None or model is None:
        return unknown_config()
    if number_type(sizes.dtype) == "float16":
        return does_not_apply("the files are in float16 themselves")
    proof = [seen(f"dtype = {intent.dtype}")]
    if sizes.dtype:
        proof.append(stated("config.json", "torch_dtype", sizes.dtype))
    remedy = "Take --dtype bfloat16."
    for each in model.samples:
        if each.largest is not None and each.largest > LARGEST_FLOAT16:
            return failed(
                f"The tensor {each.tensor} holds {each.largest:,.0f}, beyond float16.",
                *proof,
                seen(f"largest of {each.read:,} values of {each.tensor}", file=each.path),
                remedy=remedy,
            )
    if sizes.model_type in OVERFLOWING:
        message = f"Models of the kind {sizes.model_type} overflow in float16"
        kind = stated("config.json", "model_type", sizes.model_type)
        if intent.engine == "vllm":
            return failed(f"{message}: vLLM refuses it.", *proof, kind, remedy=remedy)
        return warned(f"{message}.", *proof, kind, remedy=remedy)
    able = nvidia_gpus(snapshot, intent)
    oldest = weakest(able)
    kept = number_type(sizes.dtype) == "bfloat16"
    if kept and oldest is not None and oldest[1] >= BFLOAT16_FROM:
        return warned(
            "The files are in bfloat16, which this GPU has, and numbers may be beyond float16.",
            *proof,
            seen(named(oldest[0])),
            remedy=remedy,
        )
    if kept and snapshot.environment is None:
        return warned(
            "The files are in bfloat16, and numbers may be beyond float16.",
            *proof,
            remedy=f"{remedy[:-1]}, where the GPU has it (Ampere and newer).",
        )
    return passed("This kind of model is not known to overflow in float16.", *proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    gemma = world(folder(config={**LLAMA, "model_type": "gemma2"}))
    asked = Intent(engine="vllm", dtype="half")
    yield Example(outcome=Outcome.FAIL, snapshot=gemma, intent=asked, says="vLLM refuses")
    yield Example(
        outcome=Outcome.WARN, snapshot=gemma, intent=Intent(engine="transformers", dtype="float16")
    )
    yield Example(outcome=Outcome.WARN, snapshot=world(folder(config=LLAMA)), intent=asked)
    half = Intent(engine="transformers", dtype="float16")
    ampere = world(folder(config=LLAMA), machine(gpus=[gpu()]))
    yield Example(outcome=Outcome.WARN, snapshot=ampere, intent=half, says="which this GPU has")
    volta = world(folder(config=LLAMA), machine(gpus=[gpu("Tesla V100", 16, "7.0")]))
    yield Example(outcome=Outcome.PASS, snapshot=volta, intent=half)
    first = folder(config={**LLAMA, "model_type": "gemma"})
    turing = machine(gpus=[gpu("Tesla T4", 16, "7.5")])
    yield Example(outcome=Outcome.PASS, snapshot=world(first, turing), intent=asked)
    huge = Sample(
        tensor="model.norm.weight",
        path="model.safetensors",
        read=4096,
        nan=0,
        infinite=0,
        zero=0,
        largest=70000.0,
    )
    large = folder(config=LLAMA, samples=(huge,))
    yield Example(outcome=Outcome.FAIL, snapshot=world(large), intent=asked, says="70,000")
    bf16 = Intent(engine="vllm", dtype="bfloat16")
    yield Example(outcome=Outcome.SKIP, snapshot=gemma, intent=bf16, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=asked, says="not known")
