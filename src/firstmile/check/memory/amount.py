"""Amounts of memory with their error bars, and the bytes that numbers of each type take."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from firstmile.facts.sizes import GIB

BYTES: Final[Mapping[str, float]] = {
    "float64": 8,
    "float32": 4,
    "float": 4,
    "bfloat16": 2,
    "float16": 2,
    "half": 2,
    "fp32": 4,
    "fp16": 2,
    "bf16": 2,
    "f32": 4,
    "f16": 2,
    "fp8": 1,
    "fp8_e4m3": 1,
    "fp8_e5m2": 1,
    "fp8_inc": 1,
    "float8_e4m3fn": 1,
    "float8_e5m2": 1,
    "int8": 1,
    "q8_0": 34 / 32,
    "q5_1": 24 / 32,
    "q5_0": 22 / 32,
    "q4_1": 20 / 32,
    "q4_0": 18 / 32,
    "iq4_nl": 18 / 32,
}
"""Bytes a number by the names that configs and engines use.

Those of ggml store 32 numbers in a block with a scale of two bytes, and a minimum of two more
in the kinds that end in 1 (ggml-common.h in llama.cpp).
"""


class Amount(msgspec.Struct, frozen=True):
    """Bytes: the likely value, and the bounds that reality should lie within."""

    low: float
    likely: float
    high: float

    def __add__(self, other: "Amount") -> "Amount":
        """Add bounds to bounds, which is wider than independent errors would be."""
        return Amount(self.low + other.low, self.likely + other.likely, self.high + other.high)

    def times(self, factor: float) -> "Amount":
        """Return so many times the amount."""
        return Amount(self.low * factor, self.likely * factor, self.high * factor)

    @property
    def gib(self) -> tuple[float, float, float]:
        """The bounds and the likely value in GiB: low, likely, high."""
        return (self.low / GIB, self.likely / GIB, self.high / GIB)


NONE: Final = Amount(0, 0, 0)


def exactly(size: float) -> Amount:
    """Return an amount that is known."""
    return Amount(size, size, size)


def around(likely: float, low: float, high: float) -> Amount:
    """Return an amount with bounds as shares of the likely value: 0.9 and 1.2, say."""
    return Amount(likely * low, likely, likely * high)


def between(low_gib: float, likely_gib: float, high_gib: float) -> Amount:
    """Return an amount in GiB."""
    return Amount(low_gib * GIB, likely_gib * GIB, high_gib * GIB)


def total(amounts: Iterable[Amount]) -> Amount:
    """Add amounts up."""
    found = NONE
    for each in amounts:
        found = found + each
    return found


def bytes_of(dtype: str | None) -> float | None:
    """Return the bytes of a number of a type, None for a name that nobody knows."""
    return None if dtype is None else BYTES.get(dtype.removeprefix("torch.").lower())
