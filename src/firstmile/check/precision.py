"""Number types by one name each, and what devices compute with."""

from collections.abc import Sequence
from typing import Final

from firstmile.check.cuda_builds import Capability, capability_of
from firstmile.check.intent import Intent
from firstmile.check.ranks import gpus_of
from firstmile.facts.environment import Gpu
from firstmile.facts.snapshot import Snapshot

_NAMES: Final = {
    "half": "float16",
    "fp16": "float16",
    "f16": "float16",
    "float": "float32",
    "fp32": "float32",
    "f32": "float32",
    "bf16": "bfloat16",
    "double": "float64",
}
BFLOAT16_FROM: Final[Capability] = (8, 0)
"""https://docs.nvidia.com/cuda/cuda-c-programming-guide, arithmetic instructions: Ampere."""
FLOAT8_FROM: Final[Capability] = (8, 9)
"""Ada Lovelace and Hopper, from the same table."""
LARGEST_FLOAT16: Final = 65504.0
OVERFLOWING: Final = ("gemma2", "gemma3", "gemma3_text", "plamo2", "glm4")
"""Kinds of models that overflow in float16: `_FLOAT16_NOT_SUPPORTED_MODELS` of vLLM."""


def number_type(said: str | None) -> str | None:
    """Return a number type as torch names it; None for what is none, such as "auto"."""
    if said is None:
        return None
    plain = said.lower().removeprefix("torch.")
    named = _NAMES.get(plain, plain)
    return None if named == "auto" else named


def nvidia_gpus(snapshot: Snapshot, intent: Intent) -> tuple[Gpu, ...]:
    """Return the GPUs of NVIDIA that the command may use and whose capability is known."""
    if snapshot.environment is None:
        return ()
    found = gpus_of(snapshot, intent, "NVIDIA")
    return tuple(each for each in found if capability_of(each.compute_capability) is not None)


def weakest(gpus: Sequence[Gpu]) -> tuple[Gpu, Capability] | None:
    """Return the GPU of the oldest capability, and that; None where none is known."""
    known = [(capability_of(each.compute_capability), each) for each in gpus]
    able = [(capability, each) for capability, each in known if capability is not None]
    if not able:
        return None
    capability, gpu = min(able, key=lambda one: one[0])
    return gpu, capability


def dotted(capability: Capability) -> str:
    """Return a capability as NVIDIA writes it: "8.0"."""
    return f"{capability[0]}.{capability[1]}"


def has_no_gpu(snapshot: Snapshot) -> bool:
    """Say whether the machine was looked at and has no accelerator."""
    environment = snapshot.environment
    if environment is None or environment.gpus:
        return False
    return not any(each.what == "gpus" for each in environment.not_known)


def on_processor(snapshot: Snapshot, intent: Intent) -> bool:
    """Say whether the model computes on the processor: told so, or without an accelerator."""
    if intent.device_map is not None and intent.device_map.lower() in ("cpu", "-1"):
        return True
    return intent.devices == () or has_no_gpu(snapshot)
