"""Some values of each tensor, read within a budget of time and bytes: NaN, infinity and zeros.

Numbers are judged by their bits: without the sign, those of one format are in the order of what
they stand for, infinity lies above all numbers and NaN above infinity (IEEE 754-2019, 3.4; for
the 8 bits of E4M3, which has no infinity, and E5M2: arXiv 2209.05433, table 1).
"""

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final

from firstmile.facts.machine import UnreadableError
from firstmile.facts.model_folder.folder import Gguf, Sample, Shard, Tensor
from firstmile.facts.model_folder.source import Source

SECONDS: Final = 0.15
"""Of reading; a large model is never looked into as a whole."""
MOST_BYTES: Final = 256 * 1024 * 1024
SLICES: Final = 4
SLICE_BYTES: Final = 16 * 1024
"""Read at so many places of a tensor, spread over it; a smaller one is read whole."""
MOST_OPEN: Final = 256
_IS_FIRST: Final = re.compile(r"embed|wte|token_embd|lm_head|output\.weight|norm|ln_").search


@dataclass(frozen=True, slots=True)
class _Format:
    """A number type: the integer of its size, what is no sign, and infinity's bits.

    Where `first_nan` is infinity's successor, infinity exists.
    """

    integer: str
    magnitude: int
    infinity: int
    first_nan: int


_FORMATS: Final = {
    "F64": _Format("<u8", (1 << 63) - 1, 0x7FF0000000000000, 0x7FF0000000000001),
    "F32": _Format("<u4", 0x7FFFFFFF, 0x7F800000, 0x7F800001),
    "F16": _Format("<u2", 0x7FFF, 0x7C00, 0x7C01),
    "BF16": _Format("<u2", 0x7FFF, 0x7F80, 0x7F81),
    "F8_E5M2": _Format("u1", 0x7F, 0x7C, 0x7D),
    "F8_E4M3": _Format("u1", 0x7F, 0x7F, 0x7F),
}


_Place = tuple[str, int, Tensor]
"""A file, where its data begin, and a tensor of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """What was sampled, of how many tensors that could be."""

    samples: tuple[Sample, ...]
    possible: int


def read_samples(
    source: Source,
    shards: Iterable[Shard],
    ggufs: Iterable[Gguf] = (),
    *,
    seconds: float = SECONDS,
    most_bytes: int = MOST_BYTES,
    clock: Callable[[], float] = time.monotonic,
) -> Sampled:
    """Return samples, those of embeddings and norms first, the rest spread over all files.

    A tensor that lies outside its file is passed over.
    """
    places = _ordered([*_of_shards(shards), *_of_ggufs(ggufs)])
    found: list[Sample] = []
    if not places:
        return Sampled(samples=(), possible=0)
    import numpy  # noqa: F401 - its import is no part of the budget

    end = clock() + seconds
    with ExitStack() as stack:
        handles: dict[str, int | None] = {}
        for place in places:
            if most_bytes <= 0 or clock() >= end:
                break
            handle = _handle(source, place[0], handles, stack)
            if handle is None:
                continue
            sample, used = _sample(handle, place)
            most_bytes -= used
            if sample is not None:
                found.append(sample)
    return Sampled(samples=tuple(found), possible=len(places))


def _of_shards(shards: Iterable[Shard]) -> Iterator[_Place]:
    for shard in shards:
        first = shard.header_bytes
        room = shard.size_bytes - first
        for each in shard.tensors:
            if each.dtype in _FORMATS and each.start < each.end <= room:
                yield shard.path, first, each


def _of_ggufs(ggufs: Iterable[Gguf]) -> Iterator[_Place]:
    for gguf in ggufs:
        first = gguf.data_start
        room = gguf.size_bytes - first
        for each in gguf.tensors if not gguf.big_endian else ():
            if each.dtype in _FORMATS and each.start < each.end <= room:
                yield gguf.path, first, each


def _ordered(places: list[_Place]) -> list[_Place]:
    """Return what breaks most at first, then the rest in steps that are spread over all of it."""
    first: list[_Place] = []
    rest: list[_Place] = []
    for place in places:
        (first if _IS_FIRST(place[2].name) else rest).append(place)
    return [*_spread(first), *_spread(rest)]


def _spread(places: list[_Place]) -> list[_Place]:
    """Return all of them, each 64th first, so that whatever the budget ends, all files are seen."""
    step = 64
    return [place for start in _BEGINNINGS for place in places[start::step]]


_BEGINNINGS: Final = tuple(sorted(range(64), key=lambda n: int(f"{n:06b}"[::-1], 2)))


def _handle(
    source: Source, path: str, handles: dict[str, int | None], stack: ExitStack
) -> int | None:
    if path not in handles:
        try:
            handles[path] = (
                stack.enter_context(source.handle(path)) if len(handles) < MOST_OPEN else None
            )
        except UnreadableError:
            handles[path] = None
    return handles[path]


def _sample(handle: int, place: _Place) -> tuple[Sample | None, int]:
    """Return what the values at a few places are, and how many bytes were read."""
    import numpy as np

    path, first, tensor = place
    form = _FORMATS[tensor.dtype]
    width = np.dtype(form.integer).itemsize
    data = b"".join(
        _read(handle, first + start, length)
        for start, length in _slices(tensor.start, tensor.end, width)
    )
    values = np.frombuffer(data[: len(data) // width * width], dtype=form.integer)
    if not len(values):
        return None, len(data)
    bits = values & values.dtype.type(form.magnitude)
    nan = infinite = 0
    most = int(bits.max())
    if most >= form.infinity:
        nan = int(np.count_nonzero(bits >= form.first_nan))
        infinite = int(np.count_nonzero(bits >= form.infinity)) - nan
        finite = bits[bits < form.infinity]
        most = int(finite.max()) if len(finite) else -1
    sample = Sample(
        tensor=tensor.name,
        path=path,
        read=len(values),
        nan=nan,
        infinite=infinite,
        zero=int(len(bits) - np.count_nonzero(bits)),
        largest=_number(tensor.dtype, most) if most >= 0 else None,
    )
    return sample, len(data)


def _slices(start: int, end: int, width: int) -> list[tuple[int, int]]:
    size = end - start
    if size <= SLICES * SLICE_BYTES:
        return [(start, size)]
    step = (size - SLICE_BYTES) // (SLICES - 1) // width * width
    return [(start + number * step, SLICE_BYTES) for number in range(SLICES)]


def _read(handle: int, start: int, length: int) -> bytes:
    try:
        if hasattr(os, "pread"):
            return os.pread(handle, length, start)
        os.lseek(handle, start, os.SEEK_SET)
        return os.read(handle, length)
    except OSError:
        return b""


def _number(dtype: str, bits: int) -> float:
    """Return what the bits of a number without its sign stand for."""
    import numpy as np

    if dtype == "F8_E4M3":
        exponent, fraction = bits >> 3, bits & 7
        return (1 + fraction / 8) * 2.0 ** (exponent - 7) if exponent else fraction / 8 * 2.0**-6
    if dtype == "F8_E5M2":
        dtype, bits = "F16", bits << 8
    if dtype == "BF16":
        dtype, bits = "F32", bits << 16
    whole: np.dtype[Any] = np.dtype(_FORMATS[dtype].integer)
    number = {"F64": "<f8", "F32": "<f4", "F16": "<f2"}[dtype]
    return float(np.array([bits], dtype=whole).view(number)[0])
