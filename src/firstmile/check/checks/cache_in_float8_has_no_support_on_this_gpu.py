"""Keys and values are kept in 8-bit floats only on GPUs that have that type.

Why: NVIDIA's GPUs have float8 since compute capability 8.9 (Ada, Hopper). With
--kv-cache-dtype fp8 on an older one kernels written in Triton end in "type fp8e4nv not supported in
this architecture", or the server finds no attention backend at all; where one is found, each
number is converted by detours.

Fix: leave the cache in the model's own type, or take fp8_e5m2, which older GPUs can read.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.installed import (
    named,
)
from firstmile.check.intent import Action, Intent
from firstmile.check.precision import FLOAT8_FROM, dotted, nvidia_gpus, weakest
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, passed, seen, warned
from firstmile.check.worlds import gpu, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/cuda/kernel",
    cause="computation/quantization",
    stage="inference",
    entries=("quantized-or-reused-cache-spoils-the-answers",),
    references=("https://docs.vllm.ai/en/latest/features/quantization/quantized_kvcache/",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the type of the cache against the oldest GPU that is used."""
    asked = (intent.kv_cache_dtype or "").lower()
    if intent.engine not in ("vllm", "sglang") or not asked.startswith("fp8"):
        return does_not_apply("the command keeps no cache in 8-bit floats")
    if snapshot.environment is None:
        return not_known("the GPUs of the machine")
    found = weakest(nvidia_gpus(snapshot, intent))
    if found is None:
        return does_not_apply("the machine has no GPU of NVIDIA whose compute capability is known")
    device, capability = found
    proof = (seen(f"kv_cache_dtype = {asked}"), seen(named(device)))
    if capability >= FLOAT8_FROM:
        return passed(f"{device.name} has 8-bit floats.", *proof)
    if asked == "fp8_e5m2":
        return passed("The kind fp8_e5m2 is read by older GPUs as well.", *proof)
    return warned(
        f"{device.name} ({dotted(capability)}) has no 8-bit floats of the kind e4m3, which came "
        "with 8.9.",
        *proof,
        remedy="Leave --kv-cache-dtype out, or set it to fp8_e5m2.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    serve = Intent(action=Action.SERVE, engine="vllm", kv_cache_dtype="fp8")
    a100 = world(None, machine(gpus=[gpu()]))
    yield Example(outcome=Outcome.WARN, snapshot=a100, intent=serve, says="came with 8.9")
    ada = world(None, machine(gpus=[gpu("NVIDIA L40S", 48, "8.9")]))
    yield Example(outcome=Outcome.PASS, snapshot=ada, intent=serve)
    other = replace(serve, kv_cache_dtype="fp8_e5m2")
    yield Example(outcome=Outcome.PASS, snapshot=a100, intent=other)
    auto = replace(serve, kv_cache_dtype="auto")
    yield Example(outcome=Outcome.SKIP, snapshot=a100, intent=auto, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=serve, says="not known")
