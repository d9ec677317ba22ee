"""Headers of safetensors files.

The format: eight bytes of header length (little endian), the header as JSON, then the tensors'
bytes; `data_offsets` count from the end of the header. Source: the format's section in the
documentation of safetensors, and the checks of its reference reader (header at most 100 MB, no
holes, offsets in order).
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, TypeAlias

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
_TOO_MUCH: Final = "the headers of this folder state too much to be read"
_SHORTEST: Final = 6
"""Bytes of a tensor that states nothing, with a name of no letters."""


_Size = Annotated[int, msgspec.Meta(ge=0, le=_FAR)]
_Shape: TypeAlias = Annotated[tuple[_Size, ...], msgspec.Meta(max_length=MOST_DIMENSIONS)]
_Usual: TypeAlias = Literal[
    "",
    "F64",
    "F32",
    "F16",
    "BF16",
    "F8_E4M3",
    "F8_E5M2",
    "F8_E8M0",
    "F4",
    "I64",
    "I32",
    "I16",
    "I8",
    "U64",
    "U32",
    "U16",
    "U8",
    "BOOL",
]
"""Number types that are read without a text for each tensor."""


class _Stated(msgspec.Struct, gc=False):
    """What a header says of a name; `__metadata__` has none of these."""

    dtype: str = ""
    shape: _Shape = ()
    data_offsets: tuple[_Size, _Size] = (0, 0)


class _StatedUsually(_Stated, gc=False):
    dtype: _Usual = ""


class _Metadata(msgspec.Struct, gc=False):
    stated: dict[str, str] = msgspec.field(name="__metadata__", default_factory=dict)


class _Left(msgspec.Struct):
    """What may still be read of a folder's headers."""

    size: int = MOST_BYTES
    tensors: int = MOST_TENSORS
    commas: int = MOST_COMMAS
    shapes: dict[tuple[int, ...], tuple[int, ...]] = msgspec.field(default_factory=dict)

    @property
    def taken(self) -> int:
        """How many bytes were read."""
        return MOST_BYTES - self.size


_USUALLY: Final[msgspec.json.Decoder[Any]] = msgspec.json.Decoder(dict[str, _StatedUsually])
_ANY: Final = msgspec.json.Decoder(dict[str, _Stated])
_METADATA: Final = msgspec.json.Decoder(_Metadata)


def read_shards(source: Source, files: tuple[File, ...]) -> tuple[Shard, ...]:
    """Return the headers of all safetensors files of the top level, in order of their paths.

    A file that begins as a GGUF file is one, whatever it is called.
    """
    left = _Left()
    return tuple(
        read_shard(source, file, left)
        for file in files
        if file.path.endswith(".safetensors") and "/" not in file.path and file.looks != "gguf"
    )


def read_shard(source: Source, file: File, left: _Left | None = None) -> Shard:
    """Return one file's header, or an empty one with the problem."""
    try:
        left = left or _Left()
        text = _header(source, file, left)
        tensors, metadata = _parsed(text, left)
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
    if left.taken > _UNCOUNTED:
        left.commas -= text.count(b",")
    is_surely_short = length < _SHORTEST * left.tensors
    if left.commas < 0 or not (is_surely_short or text.count(b"{") <= left.tensors):
        raise UnreadableError(_TOO_MUCH)
    return text


def _parsed(text: bytes, left: _Left) -> tuple[tuple[Tensor, ...], dict[str, str]]:
    metadata: dict[str, str] = {}
    try:
        stated = _decoded(text)
        if stated.pop("__metadata__", None) is not None:
            metadata = _METADATA.decode(text).stated
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableError("its header is not the JSON that safetensors writes") from error
    left.tensors -= len(stated)
    if left.tensors < 0:
        raise UnreadableError(_TOO_MUCH)
    is_short = sum(len(key) + len(value) for key, value in metadata.items()) <= LONGEST_METADATA
    return _tensors(stated, left.shapes), metadata if is_short else {}


def _decoded(text: bytes) -> dict[str, _Stated]:
    try:
        found: dict[str, _Stated] = _USUALLY.decode(text)
    except msgspec.ValidationError:
        return _ANY.decode(text)
    return found


def _tensors(stated: Mapping[str, _Stated], kept: dict[_Shape, _Shape]) -> tuple[Tensor, ...]:
    """Return tensors, made column by column; what all of them share is kept once.

    There may be a hundred thousand: memory that is touched costs as much as computing.
    """
    if not stated:
        return ()
    each = stated.values()
    starts, ends = zip(*[one.data_offsets for one in each], strict=True)
    if starts == (0, *ends[:-1]):
        starts = (0, *ends[:-1])
    own = [one.shape for one in each]
    kept.update((shape, shape) for shape in set(own).difference(kept))
    shapes = map(kept.__getitem__, own)
    return tuple(map(Tensor, stated, [one.dtype for one in each], shapes, starts, ends))
