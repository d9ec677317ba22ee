"""The number type that a training computes in, and the one that its GPUs have.

Several checks name the type: what one of them advises, the others must accept.
"""

from typing import Final

from firstmile.check.intent import Intent, Training
from firstmile.check.precision import BFLOAT16_FROM, nvidia_gpus, weakest
from firstmile.check.scripts.kinds import FOREIGN
from firstmile.check.training_sizes import kind_of, release_here, settings_of
from firstmile.facts.environment import Gpu
from firstmile.facts.snapshot import Snapshot

_DEFAULT_FROM: Final = (0, 20)
"""TRL whose own settings say bf16 where nothing is said (`__post_init__` of its configs)."""
_CASTS_FROM: Final = {
    **dict.fromkeys(("sft", "grpo", "reward"), (0, 26)),
    "rloo": (0, 27),
    "dpo": (0, 29),
    "kto": (1, 4),
}
"""TRL whose trainers make adapters over quantized weights bfloat16, whatever trains."""
_LAST_THAT_DOES_NOT: Final = {"rloo": "0.26", "dpo": "0.28", "kto": "1.3"}
_TAKE_THE_TYPE_OF_THE_TRAINING: Final = ("llama-factory", "axolotl")
"""Engines that multiply 4-bit weights in the type that they train in."""


def takes_bf16_unasked(snapshot: Snapshot, intent: Intent, training: Training) -> bool:
    """Say whether TRL trains in bf16 since nothing else is said."""
    if intent.engine != "trl" or training.bf16 is not None or training.fp16:
        return False
    release = release_here(snapshot, "trl")
    return release is not None and release >= _DEFAULT_FROM


def trained_in(snapshot: Snapshot, intent: Intent, training: Training) -> str | None:
    """Return the type of mixed precision; None where none is said and none is the default."""
    if training.bf16 or takes_bf16_unasked(snapshot, intent, training):
        return "bfloat16"
    return "float16" if training.fp16 else None


def gpu_without_bf16(snapshot: Snapshot, intent: Intent) -> Gpu | None:
    """Return the oldest GPU of NVIDIA that is used, where bf16 is newer than it."""
    found = weakest(nvidia_gpus(snapshot, intent))
    return found[0] if found is not None and found[1] < BFLOAT16_FROM else None


def makes_adapters_bf16(snapshot: Snapshot, intent: Intent) -> bool | None:
    """Say whether TRL makes adapters over quantized weights bfloat16; None if not known."""
    release = release_here(snapshot, "trl")
    if intent.engine != "trl" or intent.load_in_bits is None:
        return False
    if any(each.name == FOREIGN for each in intent.arguments):
        return None
    if release is None or release < min(_CASTS_FROM.values()):
        return None if release is None else False
    first = _CASTS_FROM.get(kind_of(intent) or "")
    if first is None:
        return True if release >= max(_CASTS_FROM.values()) else None
    return release >= first


def in_float16(snapshot: Snapshot, intent: Intent) -> str:
    """Return what to say on a GPU without bf16, so that all of a training agrees on float16.

    4-bit weights are multiplied in a type of their own, which TRL takes from --dtype. Adapters
    that TRL made bfloat16 cannot be trained under fp16 at all.
    """
    say, flags = "Say", "--fp16 True --bf16 False"
    in_code = settings_of(intent).has("bnb_4bit_compute_dtype")
    if intent.load_in_bits == 4 and intent.engine == "trl" and not in_code:
        flags = f"--dtype float16 {flags}"
    elif intent.load_in_bits == 4 and intent.engine not in _TAKE_THE_TYPE_OF_THE_TRAINING:
        say = "Set bnb_4bit_compute_dtype to float16, and say"
    if not makes_adapters_bf16(snapshot, intent):
        return f"{say} {flags}."
    return (
        f"Install TRL {last_with_other_adapters(intent)}, and say {flags}: newer ones make these "
        "adapters bfloat16, whose gradients fp16 cannot unscale."
    )


def last_with_other_adapters(intent: Intent) -> str:
    """Return the last TRL that leaves adapters over quantized weights in float32."""
    return _LAST_THAT_DOES_NOT.get(kind_of(intent) or "", "0.25")
