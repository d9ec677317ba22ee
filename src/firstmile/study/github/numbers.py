"""Sets of issue numbers, written down small: a bitmap, packed."""

import base64
import binascii
import zlib
from collections.abc import Iterable
from typing import Final

HIGHEST: Final = 50_000_000
"""No repository numbers its issues further; a larger number is a broken answer."""


def pack(numbers: Iterable[int]) -> str:
    """Return a set of numbers as text; the same set gives the same text."""
    bits = bytearray()
    for number in sorted(numbers, reverse=True):
        if not 0 <= number <= HIGHEST:
            raise ValueError(f"{number} is no number of an issue")
        if not bits:
            bits = bytearray(number // 8 + 1)
        bits[number // 8] |= 1 << number % 8
    return base64.b64encode(zlib.compress(bytes(bits), 6)).decode("ascii")


def unpack(text: str) -> set[int]:
    """Return the set that a text was made of; raises ValueError for any other."""
    if not text:
        return set()
    try:
        unpacking = zlib.decompressobj()
        bits = unpacking.decompress(base64.b64decode(text, validate=True), HIGHEST // 8 + 1)
    except (binascii.Error, zlib.error) as error:
        raise ValueError("not a packed set of numbers") from error
    return {
        place * 8 + bit
        for place, byte in enumerate(bits)
        if byte
        for bit in range(8)
        if byte >> bit & 1
    }
