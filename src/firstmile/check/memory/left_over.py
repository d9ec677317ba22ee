"""What an engine that finds by itself how much of a model devices hold leaves to main memory."""

from typing import Final

from firstmile.check.intent import Intent
from firstmile.check.memory.settings import FILLING
from firstmile.check.memory.sizing import OFFLOADED, Sizing

_FULL: Final = 0.98
"""Of a device: one with more room than the rest is left nothing for want of it."""
_MUCH: Final = 0.02
"""Of the weights."""


def spreads_by_itself(intent: Intent) -> bool:
    """Say whether the engine finds by itself what it puts on devices."""
    if intent.engine in FILLING:
        return intent.gpu_layers is None
    mapped = intent.device_map not in (None, "cpu", "cuda", "cuda:0")
    return intent.engine == "transformers" and mapped


def left_over(found: Sizing) -> float:
    """Return the bytes of weights that do not get onto the devices, none where they are few."""
    place, left = found.device, found.host.of(OFFLOADED).likely
    if place is None or found.intent.trains or not spreads_by_itself(found.intent):
        return 0.0
    is_full = place.limit and place.needed.likely >= _FULL * place.limit
    if found.intent.engine in FILLING and not is_full:
        return 0.0  # the embedding, which these engines keep in main memory anyway
    return left if left > _MUCH * found.weights.likely else 0.0
