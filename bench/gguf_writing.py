"""GGUF files that are a header with a hole behind it, written without any library."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ALIGNMENT: Final = 32
NUMBERS: Final = {"F32": (0, 1, 4), "F16": (1, 1, 2), "Q8_0": (8, 32, 34)}
"""Number types: the format's number, values a block, bytes a block (`ggml.h`)."""
_U32, _F32, _BOOL, _TEXT, _ARRAY = 4, 6, 7, 8, 9


@dataclass(frozen=True, slots=True)
class Laid:
    """One tensor: its sizes with the fastest-moving one first, and its number type."""

    name: str
    shape: tuple[int, ...]
    dtype: str

    @property
    def size(self) -> int:
        """The bytes that it takes."""
        count = 1
        for width in self.shape:
            count *= width
        _, block, size = NUMBERS[self.dtype]
        return count // block * size


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The settings and tensors of one file, and how many tokens its vocabulary has."""

    settings: Mapping[str, Any]
    tensors: tuple[Laid, ...]
    tokens: int


def write(header: Header, file: Path) -> None:
    """Write a header; its tensors are a hole in the file."""
    infos = bytearray()
    at = 0
    for tensor in header.tensors:
        infos += _text(tensor.name) + struct.pack("<I", len(tensor.shape))
        infos += struct.pack(f"<{len(tensor.shape)}Q", *tensor.shape)
        infos += struct.pack("<IQ", NUMBERS[tensor.dtype][0], at)
        at = -(-(at + tensor.size) // ALIGNMENT) * ALIGNMENT
    pairs = b"".join(_text(name) + _value(value) for name, value in header.settings.items())
    tokens = b"".join(_text(f"t{place}") for place in range(header.tokens))
    pairs += _text("tokenizer.ggml.tokens") + struct.pack("<IIQ", _ARRAY, _TEXT, header.tokens)
    count = len(header.settings) + 1
    head = b"GGUF" + struct.pack("<IQQ", 3, len(header.tensors), count) + pairs + tokens + infos
    with file.open("wb") as out:
        out.write(head)
        out.truncate(-(-len(head) // ALIGNMENT) * ALIGNMENT + at)


def _text(text: str) -> bytes:
    raw = text.encode("utf-8")
    return struct.pack("<Q", len(raw)) + raw


def _value(value: Any) -> bytes:
    if isinstance(value, bool):
        return struct.pack("<IB", _BOOL, value)
    if isinstance(value, int):
        return struct.pack("<II", _U32, value)
    if isinstance(value, float):
        return struct.pack("<If", _F32, value)
    if isinstance(value, list):
        items = [_value(each) for each in value]
        return (
            struct.pack("<I", _ARRAY)
            + items[0][:4]
            + struct.pack("<Q", len(items))
            + b"".join(each[4:] for each in items)
        )
    return struct.pack("<I", _TEXT) + _text(str(value))
