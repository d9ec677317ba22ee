"""Headers of safetensors files.

The format: eight bytes of header length (little endian), the header as JSON, then the tensors'
bytes; `data_offsets` count from the end of the header. Source: the format's section in the
documentation of safetensors, and the checks of its reference reader (header at most 100 MB, no
holes, offsets in order).
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

import msgspec

from firstmile.facts.machine import UnreadableError
from firstmile.facts.model_folder.folder import MOST_DIMENSIONS, File, Shard, Tensor
from firstmile.facts.model_folder.source import Source, require_readable

LARGEST_HEADER: Final = 100_000_000
"""Bytes that the reference reader allows."""
MOST_BYTES: Final = 128_000_000
MOST_TENSORS: Final = 500_000
MOST_COMMAS: Final = 8_000_000
"""Of the headers of one folder together. The largest models have some 200,000 tensors."""
_UNCOUNTED: Final = 2 * MOST_COMMAS
"""Bytes of headers that hold no more commas than that, so that none are counted in them."""
LONGEST_METADATA: Final = 100_000
_FAR: Final = 2**63 - 1


_Size = Annotated[int, msgspec.Meta(ge=0, le=_FAR)]
_Shape = Annotated[tuple[_Size, ...], msgspec.Meta(max_length=MOST_DIMENSIONS)]


class _Stated(msgspec.Struct, gc=False):
    """What a header says of a name; `__metadata__` has none of these."""

    dtype: str = ""
    shape: _Shape = ()
    data_offsets: tuple[_Size, _Size] = (0, 0)


class _Metadata(msgspec.Struct, gc=False):
    stated: dict[str, str] = msgspec.field(name="__metadata__", default_factory=dict)


class _Left(msgspec.Struct):
    """What may still be read of a folder's headers."""

    size: int = MOST_BYTES
    tensors: int = MOST_TENSORS
    commas: int = MOST_COMMAS

    @property
    def taken(self) -> int:
        """How many bytes were read."""
        return MOST_BYTES - self.size


_DECODER: Final = msgspec.json.Decoder(dict[str, _Stated])
_METADATA: Final = msgspec.json.Decoder(_Metadata)


def read_shards(source: Source, files: tuple[File, ...]) -> tuple[Shard, ...]:
    """Return the headers of all safetensors files of the top level, in order of their paths."""
    left = _Left()
    return tuple(
        read_shard(source, file, left)
        for file in files
        if file.path.endswith(".safetensors") and "/" not in file.path
    )


def read_shard(source: Source, file: File, left: _Left | None = None) -> Shard:
    """Return one file's header, or an empty one with the problem."""
    try:
        text = _header(source, file, left or _Left())
        tensors, metadata = _parsed(text)
    except UnreadableError as error:
        return Shard(
            path=file.path,
            size_bytes=file.size_bytes,
            header_bytes=0,
            tensors=(),
            problem=str(error),
        )
    return Shard(
        path=file.path,
        size_bytes=file.size_bytes,
        header_bytes=8 + len(text),
        tensors=tensors,
        metadata=metadata,
    )


def _header(source: Source, file: File, left: _Left) -> bytes:
    require_readable(file)
    head = source.read(file.path, length=8)
    if len(head) < 8:
        raise UnreadableError("it is shorter than the length of a header")
    length = int.from_bytes(head, "little")
    if length > LARGEST_HEADER:
        raise UnreadableError(f"its header states a length of {length:,} bytes")
    if 8 + length > file.size_bytes:
        raise UnreadableError(
            f"its header states {length:,} bytes, and the file has {file.size_bytes:,}"
        )
    left.size -= length
    if left.size < 0:
        raise UnreadableError("the headers of this folder are too large to be read")
    text = source.read(file.path, start=8, length=length)
    if len(text) < length:
        raise UnreadableError("it became shorter while it was read")
    left.tensors -= text.count(b"{")
    if left.taken > _UNCOUNTED:
        left.commas -= text.count(b",")
    if left.tensors < 0 or left.commas < 0:
        raise UnreadableError("the headers of this folder state too much to be read")
    return text


def _parsed(text: bytes) -> tuple[tuple[Tensor, ...], dict[str, str]]:
    metadata: dict[str, str] = {}
    try:
        stated = _DECODER.decode(text)
        if stated.pop("__metadata__", None) is not None:
            metadata = _METADATA.decode(text).stated
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableError("its header is not the JSON that safetensors writes") from error
    is_short = sum(len(key) + len(value) for key, value in metadata.items()) <= LONGEST_METADATA
    return tuple(_tensors(stated)), metadata if is_short else {}


def _tensors(stated: Mapping[str, _Stated]) -> Iterator[Tensor]:
    """Yield tensors; the few number types and shapes that all of them have are kept once."""
    kept: dict[Any, Any] = {}
    dtype, shape = "", ()
    for name, each in stated.items():
        if each.dtype != dtype:
            dtype = kept.setdefault(each.dtype, each.dtype)
        if each.shape != shape:
            shape = kept.setdefault(each.shape, each.shape)
        start, end = each.data_offsets
        yield Tensor(name, dtype, shape, start, end)
