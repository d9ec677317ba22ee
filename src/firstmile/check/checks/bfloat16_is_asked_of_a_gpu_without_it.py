"""A GPU that is to compute in bfloat16 can: it is of compute capability 8.0 or newer.

Why: NVIDIA's GPUs have bfloat16 since Ampere. On a T4, V100, P100, GTX or RTX 20 vLLM refuses
`--dtype bfloat16` ("Bfloat16 is only supported on GPUs with compute capability of at least 8.0"),
and transformers computes it by detours, several times slower than float16. Left to "auto" vLLM
and SGLang take float16 there by themselves.

Fix: ask for float16, or leave the type to the engine; models that overflow in float16 (Gemma 2
and 3) want float32 or a newer GPU.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.installed import (
    named,
)
from firstmile.check.intent import Action, Intent
from firstmile.check.model_sizes import sizes_of
from firstmile.check.precision import BFLOAT16_FROM, dotted, number_type, nvidia_gpus, weakest
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
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="computation/numerical-precision",
    stage="inference",
    entries=(
        "engine-refuses-bfloat16-on-an-older-gpu",
        "cublas-has-no-bfloat16-product-on-this-gpu",
    ),
    references=(
        "https://docs.vllm.ai/en/stable/configuration/engine_args.html",
        "https://docs.nvidia.com/cuda/cuda-c-programming-guide/#compute-capabilities",
    ),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the type that the command asks for against the oldest GPU that it uses."""
    kind = number_type(intent.dtype)
    if intent.dtype == "auto" and intent.engine == "transformers":
        sizes = sizes_of(snapshot)
        kind = number_type(sizes.dtype) if sizes is not None else None
    if kind != "bfloat16":
        return does_not_apply("the command does not ask for bfloat16")
    if intent.trains:
        return does_not_apply("it is fine-tuning, which has a check of its own")
    if snapshot.environment is None:
        return not_known("the GPUs of the machine")
    found = weakest(nvidia_gpus(snapshot, intent))
    if found is None:
        return does_not_apply("the machine has no GPU of NVIDIA whose compute capability is known")
    gpu, capability = found
    proof = (seen(f"dtype = {intent.dtype}"), seen(named(gpu)))
    if capability >= BFLOAT16_FROM:
        return passed(f"{gpu.name} computes in bfloat16.", *proof)
    if intent.engine == "sglang":
        return passed("SGLang takes float16 on this GPU, whatever the command says.", *proof)
    said = f"{gpu.name} ({dotted(capability)}) has no bfloat16, which came with 8.0"
    if intent.engine == "vllm":
        return failed(f"{said}: vLLM refuses to start.", *proof, remedy="Set --dtype half.")
    return warned(f"{said}: it is computed by detours, slowly.", *proof, remedy=_remedy(intent))


def _remedy(intent: Intent) -> str:
    """Return the setting as transformers' program takes it, or as Python does."""
    if intent.program != "transformers":
        return 'Take dtype="float16".'
    written = (one.written.partition("=")[0] for one in intent.arguments if one.name == "dtype")
    return f"Set {next(written, '--dtype')} float16."


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    t4 = machine(gpus=[gpu("Tesla T4", 16, "7.5")])
    asked = Intent(action=Action.SERVE, engine="vllm", dtype="bfloat16")
    yield Example(outcome=Outcome.FAIL, snapshot=world(None, t4), intent=asked, says="vLLM refuses")
    yield Example(
        outcome=Outcome.WARN,
        snapshot=world(None, t4),
        intent=replace(asked, engine="transformers", dtype="bf16"),
        says="detours",
    )
    yield Example(
        outcome=Outcome.PASS, snapshot=world(None, t4), intent=replace(asked, engine="sglang")
    )
    mixed = machine(gpus=[gpu(), gpu("Tesla V100-SXM2-32GB", 32, "7.0", index=1)])
    yield Example(outcome=Outcome.FAIL, snapshot=world(None, mixed), intent=asked, says="V100")
    yield Example(
        outcome=Outcome.PASS, snapshot=world(None, mixed), intent=replace(asked, devices=(0,))
    )
    auto = replace(asked, dtype="auto")
    yield Example(
        outcome=Outcome.SKIP, snapshot=world(None, t4), intent=auto, says="does not apply"
    )
    kept = world(folder(config=LLAMA), t4)
    loads = replace(auto, engine="transformers")
    yield Example(outcome=Outcome.WARN, snapshot=kept, intent=loads, says="detours")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=asked, says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=world(None, machine()), intent=asked)
