"""Some values of each tensor, read within a budget of time and bytes: NaN, infinity and zeros.

Numbers are judged by their bits: without the sign, those of one format are in the order of what
they stand for, infinity lies above all numbers and NaN above infinity (IEEE 754-2019, 3.4; for
the 8 bits of E4M3, which has no infinity, and E5M2: arXiv 2209.05433, table 1).
"""

import os
import re
import struct
import sys
import time
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
from typing import Any, Final

import msgspec

from firstmile.facts.machine import UnreadableError
from firstmile.facts.model_folder.folder import Gguf, Sample, Shard, Tensor
from firstmile.facts.model_folder.source import Source

SECONDS: Final = 0.045
"""Of reading; a large model is never looked into as a whole."""
SURELY: Final = 96
"""Tensors that are looked into however long it takes, up to `LONGEST` times the budget: what is
said of a folder then does not hang on how busy the machine is."""
LONGEST: Final = 10
MOST_BYTES: Final = 256 * 1024 * 1024
SLICES: Final = 4
SLICE_BYTES: Final = 2 * 1024
"""Read at so many places of a tensor, spread over it; a smaller one is read whole."""
MOST_OPEN: Final = 256
_IS_FIRST: Final = re.compile(r"embed|wte|token_embd|lm_head|output\.weight|norm|ln_").search
_EXPERTS: Final = "experts."
_STEP: Final = 64


class _Format(msgspec.Struct, frozen=True):
    """A number type: the bits of its size as `array` names them, and those of infinity.

    Where `first_nan` is infinity's successor, infinity exists.
    """

    unsigned: str
    infinity: int
    first_nan: int


_FORMATS: Final = {
    "F64": _Format("Q", 0x7FF0000000000000, 0x7FF0000000000001),
    "F32": _Format("I", 0x7F800000, 0x7F800001),
    "F16": _Format("H", 0x7C00, 0x7C01),
    "BF16": _Format("H", 0x7F80, 0x7F81),
    "F8_E5M2": _Format("B", 0x7C, 0x7D),
    "F8_E4M3": _Format("B", 0x7F, 0x7F),
}
_WITHOUT_SIGN: Final = bytes(each & 0x7F for each in range(256))
"""What the highest byte of a number is without its sign."""


class _File(msgspec.Struct, frozen=True):
    """A file, where its data begin and how many bytes they have, and its tensors."""

    path: str
    first: int
    room: int
    tensors: Sequence[Tensor]


class Sampled(msgspec.Struct, frozen=True, kw_only=True):
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
    began = clock()
    end, last = began + seconds, began + seconds * LONGEST
    files = [*_of_shards(shards), *_of_ggufs(ggufs)]
    found: list[Sample] = []
    passed_over = 0
    with ExitStack() as stack:
        handles: dict[str, int | None] = {}
        for file, tensor in _ordered(files):
            if most_bytes <= 0 or clock() >= (end if len(found) >= SURELY else last):
                break
            if not _can_be_sampled(tensor, file.room):
                passed_over += tensor.dtype in _FORMATS
                continue
            handle = _handle(source, file.path, handles, stack)
            if handle is None:
                continue
            sample, used = _sample(handle, file, tensor)
            most_bytes -= used
            if sample is not None:
                found.append(sample)
    known = sum(map(_FORMATS.__contains__, [one.dtype for one in _tensors(files)]))
    return Sampled(samples=tuple(found), possible=known - passed_over)


def _of_shards(shards: Iterable[Shard]) -> Iterator[_File]:
    for shard in shards:
        room = shard.size_bytes - shard.header_bytes
        yield _File(shard.path, shard.header_bytes, room, shard.tensors)


def _of_ggufs(ggufs: Iterable[Gguf]) -> Iterator[_File]:
    for gguf in ggufs:
        if not gguf.big_endian:
            room = gguf.size_bytes - gguf.data_start
            yield _File(gguf.path, gguf.data_start, room, gguf.tensors)


def _can_be_sampled(tensor: Tensor, room: int) -> bool:
    return tensor.dtype in _FORMATS and tensor.start < tensor.end <= room


def _tensors(files: Sequence[_File]) -> Iterator[Tensor]:
    return chain.from_iterable(file.tensors for file in files)


def _ordered(files: Sequence[_File]) -> Iterator[tuple[_File, Tensor]]:
    """Yield what breaks most at first, then the rest in steps that are spread over all of it.

    It is counted through by place, since of the tensors of a large model few are reached.
    """
    tensors = list(_tensors(files))
    starts = []
    at = 0
    for file in files:
        starts.append(at)
        at += len(file.tensors)
    names = [tensor.name for tensor in tensors]
    first = [place for place, name in enumerate(names) if _EXPERTS not in name and _IS_FIRST(name)]
    told = set(first)
    rest = (place for place in _spread(range(len(tensors))) if place not in told)
    for place in chain(_spread(first), rest):
        yield files[bisect_right(starts, place) - 1], tensors[place]


def _spread(places: Sequence[int]) -> Iterator[int]:
    """Yield all of them, each 64th first, so that whatever the budget ends, all files are seen."""
    for start in _BEGINNINGS:
        yield from places[start::_STEP]


_BEGINNINGS: Final = tuple(sorted(range(_STEP), key=lambda n: int(f"{n:06b}"[::-1], 2)))


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


def _sample(handle: int, file: _File, tensor: Tensor) -> tuple[Sample | None, int]:
    """Return what the values at a few places are, and how many bytes were read."""
    form = _FORMATS[tensor.dtype]
    values: array[int] = array(form.unsigned)
    width = values.itemsize
    data = b"".join(
        _read(handle, file.first + start, length)
        for start, length in _slices(tensor.start, tensor.end, width)
    )
    bits = bytearray(data[: len(data) // width * width])
    if not bits:
        return None, len(data)
    bits[width - 1 :: width] = bits[width - 1 :: width].translate(_WITHOUT_SIGN)
    values.frombytes(bits)
    if sys.byteorder == "big":
        values.byteswap()
    nan = infinite = 0
    most = max(values)
    if most >= form.infinity:
        nan = sum(each >= form.first_nan for each in values)
        infinite = sum(each >= form.infinity for each in values) - nan
        most = max((each for each in values if each < form.infinity), default=-1)
    sample = Sample(
        tensor=tensor.name,
        path=file.path,
        read=len(values),
        nan=nan,
        infinite=infinite,
        zero=values.count(0) if bytes(width) in bits else 0,
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
    if dtype == "F8_E4M3":
        exponent, fraction = bits >> 3, bits & 7
        return (1 + fraction / 8) * 2.0 ** (exponent - 7) if exponent else fraction / 8 * 2.0**-6
    if dtype == "F8_E5M2":
        dtype, bits = "F16", bits << 8
    if dtype == "BF16":
        dtype, bits = "F32", bits << 16
    integer, number = {"F64": ("<Q", "<d"), "F32": ("<I", "<f"), "F16": ("<H", "<e")}[dtype]
    value: Any = struct.unpack(number, struct.pack(integer, bits))[0]
    return float(value)
