"""Which quantization of a GGUF model is smaller than the one that is there, and fits."""

from typing import Final

from firstmile.check.memory.sizing import CACHE, WEIGHTS, Place, Sizing
from firstmile.facts.sizes import shown

_BITS: Final = (
    ("Q8_0", 8.50),
    ("Q6_K", 6.56),
    ("Q5_K_M", 5.70),
    ("Q4_K_M", 4.89),
    ("IQ4_XS", 4.46),
    ("Q3_K_M", 4.00),
    ("IQ3_XS", 3.50),
    ("Q2_K", 3.16),
    ("IQ2_M", 2.93),
    ("IQ2_XS", 2.59),
)
"""Bits a number of Llama 3.1 8B, the most first (llama.cpp, tools/quantize/README.md).

Below them answers of most models are no longer of use.
"""
_SMALLER: Final = 0.95
_ROOM: Final = 0.9
"""Of what a device leaves to weights: keys and values want some of it."""


def smaller_file(found: Sizing, place: Place) -> str:
    """Return what to take in the place of a model whose weights do not fit on a device.

    That is the quantization of most bits that fits, or a smaller model where none does.
    """
    device = "or a larger device"
    if not found.numbers or not place.limit:
        return f"a file of fewer bits, {device}"
    now = 8 * found.weights.likely / found.numbers
    room = _ROOM * (place.limit - place.without(WEIGHTS, CACHE).likely)
    room *= max(found.devices, 1)
    for name, bits in _BITS:
        size = bits * found.numbers / 8
        if bits < _SMALLER * now and size <= room:
            return f"a file of fewer bits that fits ({name}, about {shown(size)}), {device}"
    return f"a smaller model, {device}: no quantization of this one that is of use fits"
