"""Numbers and texts in one file, in the layout of safetensors, read without any library.

Eight bytes of header length (little endian), a JSON header with number type, shape and place of
each array, then the arrays. Source: the format's section in the documentation of safetensors.
"""

import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

_SIZES: Final = {"F16": ("e", 2), "F32": ("f", 4), "U8": ("B", 1), "U32": ("I", 4)}


class Packed:
    """Arrays by name, each read when it is asked for."""

    def __init__(self, data: bytes) -> None:
        """Read the header; raises ValueError where the data is none of ours."""
        length = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + length])
        self._data = memoryview(data)[8 + length :]
        self._stated = {
            name: (_SIZES[each["dtype"]], tuple(each["shape"]), *each["data_offsets"])
            for name, each in header.items()
        }

    def bytes_of(self, name: str) -> memoryview:
        """Return an array's bytes."""
        _, _, start, end = self._stated[name]
        return self._data[start:end]

    def numbers(self, name: str) -> tuple[float, ...]:
        """Return all numbers of an array, row by row."""
        (form, size), _, start, end = self._stated[name]
        return struct.unpack(f"<{(end - start) // size}{form}", self._data[start:end])

    def integers(self, name: str) -> tuple[int, ...]:
        """Return all whole numbers of an array."""
        (form, size), _, start, end = self._stated[name]
        whole: tuple[int, ...] = struct.unpack(
            f"<{(end - start) // size}{form}", self._data[start:end]
        )
        return whole

    def rows(self, name: str) -> tuple[tuple[float, ...], ...]:
        """Return the rows of an array of two dimensions."""
        width = self._stated[name][1][1]
        numbers = self.numbers(name)
        return tuple(numbers[at : at + width] for at in range(0, len(numbers), width))

    def texts(self, name: str) -> tuple[str, ...]:
        """Return texts that were written one a line."""
        blob = bytes(self.bytes_of(name))
        return tuple(blob.decode().split("\n")) if blob else ()


class Halves:
    """Rows of numbers in half precision, each read when it is first asked for."""

    __slots__ = ("_data", "_known", "_layout", "data", "width")

    def __init__(self, data: memoryview | bytes, width: int) -> None:
        """Take the bytes of all rows, each of `width` numbers."""
        self.data = data
        self.width = width
        self._layout = struct.Struct(f"<{width}e")
        self._known: dict[int, tuple[float, ...]] = {}

    def __getitem__(self, place: int) -> tuple[float, ...]:
        """Return a row."""
        row = self._known.get(place)
        if row is None:
            row = self._layout.unpack_from(self.data, place * self._layout.size)
            self._known[place] = row
        return row


Array = tuple[str, Sequence[int], bytes | memoryview]
"""Number type, shape and bytes."""


def array(dtype: str, numbers: Iterable[float], shape: Sequence[int] | None = None) -> Array:
    """Return numbers as an array that can be packed."""
    listed = list(numbers)
    form, _ = _SIZES[dtype]
    return dtype, shape or (len(listed),), struct.pack(f"<{len(listed)}{form}", *listed)


def lines(texts: Iterable[str]) -> Array:
    """Return texts, none of which holds a line end, as an array that can be packed."""
    blob = "\n".join(texts).encode()
    return "U8", (len(blob),), blob


def packed(arrays: Mapping[str, Array]) -> bytes:
    """Return arrays as one file: the same bytes for the same numbers."""
    header, at = {}, 0
    for name, (dtype, shape, data) in arrays.items():
        stated = {"dtype": dtype, "shape": list(shape), "data_offsets": [at, at + len(data)]}
        header[name] = stated
        at += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    parts = (bytes(data) for _, _, data in arrays.values())
    return len(text).to_bytes(8, "little") + text + b"".join(parts)
