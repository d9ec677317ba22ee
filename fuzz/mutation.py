"""Mutation without a guide: what the tests throw at the targets where no fuzzer is installed."""

import random
from collections.abc import Callable, Sequence
from typing import Final

from fuzz.seeds import WORDS

Change = Callable[[bytearray, random.Random, Sequence[bytes]], None]

LONGEST: Final = 4_000
"""Bytes of an input; longer ones are slow and reach nothing more."""


def mutated(seeds: Sequence[bytes], chance: random.Random) -> bytes:
    """Return one of the seeds with a few changes."""
    data = bytearray(chance.choice(seeds)[:LONGEST])
    for _ in range(chance.randint(1, 6)):
        chance.choice(_CHANGES)(data, chance, seeds)
    return bytes(data[:LONGEST])


def _flip(data: bytearray, chance: random.Random, _seeds: Sequence[bytes]) -> None:
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _cut(data: bytearray, chance: random.Random, _seeds: Sequence[bytes]) -> None:
    start = chance.randint(0, len(data))
    del data[start : start + chance.randint(1, 40)]


def _repeat(data: bytearray, chance: random.Random, _seeds: Sequence[bytes]) -> None:
    start = chance.randint(0, len(data))
    piece = bytes(data[start : start + chance.randint(1, 40)])
    data[start:start] = piece * chance.randint(1, 30)


def _word(data: bytearray, chance: random.Random, _seeds: Sequence[bytes]) -> None:
    start = chance.randint(0, len(data))
    data[start:start] = chance.choice(WORDS).encode()


def _noise(data: bytearray, chance: random.Random, _seeds: Sequence[bytes]) -> None:
    start = chance.randint(0, len(data))
    data[start:start] = chance.randbytes(chance.randint(1, 12))


def _splice(data: bytearray, chance: random.Random, seeds: Sequence[bytes]) -> None:
    other = chance.choice(seeds)
    data[chance.randint(0, len(data)) :] = other[chance.randint(0, len(other)) :]


_CHANGES: Final[tuple[Change, ...]] = (_flip, _cut, _repeat, _word, _noise, _splice)
