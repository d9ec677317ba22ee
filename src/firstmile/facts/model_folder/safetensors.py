"""Headers of safetensors files.

The format: eight bytes of header length (little endian), the header as JSON, then the tensors'
bytes; `data_offsets` count from the end of the header. Source: the format's section in the
documentation of safetensors, and the checks of its reference reader (header at most 100 MB, no
holes, offsets in order).
"""

from typing import Final

import msgspec

from firstmile.facts.machine import UnreadableError
from firstmile.facts.model_folder.folder import File, Shard, Tensor
from firstmile.facts.model_folder.source import Source

LARGEST_HEADER: Final = 100_000_000
"""Bytes that the reference reader allows."""
MOST_BYTES: Final = 400_000_000
"""Of headers of one folder together."""


class _Stated(msgspec.Struct, gc=False):
    """What a header says of a name; `__metadata__` has none of these."""

    dtype: str = ""
    shape: tuple[int, ...] = ()
    data_offsets: tuple[int, int] = (0, 0)


_DECODER: Final = msgspec.json.Decoder(dict[str, _Stated])


def read_shards(source: Source, files: tuple[File, ...]) -> tuple[Shard, ...]:
    """Return the headers of all safetensors files of the top level, in order of their paths."""
    found = []
    left = MOST_BYTES
    for file in files:
        if file.path.endswith(".safetensors") and "/" not in file.path:
            shard = read_shard(source, file, most=min(left, LARGEST_HEADER))
            left -= shard.header_bytes
            found.append(shard)
    return tuple(found)


def read_shard(source: Source, file: File, *, most: int = LARGEST_HEADER) -> Shard:
    """Return one file's header, or an empty one with the problem."""
    try:
        tensors, length = _header(source, file, most)
    except UnreadableError as error:
        return Shard(
            path=file.path,
            size_bytes=file.size_bytes,
            header_bytes=0,
            tensors=(),
            problem=str(error),
        )
    return Shard(path=file.path, size_bytes=file.size_bytes, header_bytes=length, tensors=tensors)


def _header(source: Source, file: File, most: int) -> tuple[tuple[Tensor, ...], int]:
    if file.kind not in ("file", "link"):
        raise UnreadableError("it is not a plain file of this folder")
    if file.looks in ("pointer", "html", "empty"):
        kinds = {"pointer": "a pointer of Git LFS", "html": "a web page", "empty": "empty"}
        raise UnreadableError(f"it is {kinds[file.looks]}")
    head = source.read(file.path, length=8)
    if len(head) < 8:
        raise UnreadableError("it is shorter than the length of a header")
    length = int.from_bytes(head, "little")
    if length > LARGEST_HEADER:
        raise UnreadableError(f"its header states a length of {length:,} bytes")
    if length > most:
        raise UnreadableError("the headers of this folder are too large to be read")
    if 8 + length > file.size_bytes:
        raise UnreadableError(
            f"its header states {length:,} bytes, and the file has {file.size_bytes:,}"
        )
    text = source.read(file.path, start=8, length=length)
    try:
        stated = _DECODER.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableError("its header is not the JSON that safetensors writes") from error
    stated.pop("__metadata__", None)
    tensors = tuple(
        Tensor(name, each.dtype, each.shape, each.data_offsets[0], each.data_offsets[1])
        for name, each in stated.items()
    )
    return tensors, 8 + length
