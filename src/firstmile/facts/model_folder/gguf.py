"""Headers of GGUF files, of either byte order, as llama.cpp and Ollama read them.

The format: magic, version, number of tensors, number of settings; then the settings, each a name,
a kind and a value; then of each tensor its name, sizes, number type and offset; the data begin at
the next multiple of `general.alignment`. Source: the specification of GGUF in ggml's `docs`
(versions 2 and 3; version 1 counts in 32 bits and is no longer read by llama.cpp). Names, numbers
and block sizes of types are those of `ggml.h` and of the Python package gguf.
"""

import struct
from typing import Any, Final

from firstmile.facts.machine import UnreadableError
from firstmile.facts.model_folder.folder import File, Gguf, Tensor
from firstmile.facts.model_folder.source import Source, require_readable

FIRST_READ: Final = 1 << 20
LARGEST_HEADER: Final = 96 * 1024 * 1024
"""Bytes of one header; a vocabulary of 260,000 tokens with its merges takes 12 million."""
MOST_BYTES: Final = 256 * 1024 * 1024
"""Of headers of one folder together."""
MOST_SETTINGS: Final = 50_000
MOST_TENSORS: Final = 500_000
MOST_ITEMS: Final = 4_000_000
"""Strings in the arrays of one header together."""
LONGEST_TEXT: Final = 1 << 20
LONGEST_ARRAY: Final = 1_024
DEEPEST: Final = 4
MOST_VALUES: Final = 1 << 56
"""Of one tensor: more than any disk holds."""
DIMENSIONS: Final = 4
"""`GGML_MAX_DIMS`."""

_OF_THE_VOCABULARY: Final = frozenset(
    f"tokenizer.ggml.{name}" for name in ("tokens", "scores", "token_type", "merges")
)
_TOKENS: Final = "tokenizer.ggml.tokens"
_KINDS: Final = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
_TEXT, _ARRAY = 8, 9

TYPES: Final[dict[int, tuple[str, int, int]]] = {
    0: ("F32", 1, 4),
    1: ("F16", 1, 2),
    2: ("Q4_0", 32, 18),
    3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24),
    8: ("Q8_0", 32, 34),
    9: ("Q8_1", 32, 40),
    10: ("Q2_K", 256, 84),
    11: ("Q3_K", 256, 110),
    12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176),
    14: ("Q6_K", 256, 210),
    15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74),
    18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50),
    20: ("IQ4_NL", 32, 18),
    21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82),
    23: ("IQ4_XS", 256, 136),
    24: ("I8", 1, 1),
    25: ("I16", 1, 2),
    26: ("I32", 1, 4),
    27: ("I64", 1, 8),
    28: ("F64", 1, 8),
    29: ("IQ1_M", 256, 56),
    30: ("BF16", 1, 2),
    31: ("Q4_0_4_4", 32, 18),
    32: ("Q4_0_4_8", 32, 18),
    33: ("Q4_0_8_8", 32, 18),
    34: ("TQ1_0", 256, 54),
    35: ("TQ2_0", 256, 66),
    36: ("IQ4_NL_4_4", 32, 18),
    37: ("IQ4_NL_4_8", 32, 18),
    38: ("IQ4_NL_8_8", 32, 18),
    39: ("MXFP4", 32, 17),
    40: ("NVFP4", 64, 36),
    41: ("Q1_0", 128, 18),
}
"""Number types: name, values a block, bytes a block. Those of 31 to 33 and 36 to 38 were taken
out of llama.cpp, which refuses them."""


class _TooShortError(Exception):
    """The bytes that were read end within the header."""


def read_ggufs(source: Source, files: tuple[File, ...]) -> tuple[Gguf, ...]:
    """Return the headers of all GGUF files of the top level and one below it."""
    found = []
    left = MOST_BYTES
    for file in files:
        named = file.path.endswith(".gguf") or file.looks == "gguf"
        if named and file.path.count("/") <= 1:
            header, used = _read_gguf(source, file, min(left, LARGEST_HEADER))
            left -= used
            found.append(header)
    return tuple(found)


def read_gguf(source: Source, file: File) -> Gguf:
    """Return one file's header, or an empty one with the problem.

    The vocabulary's arrays and others that are long stand as their length, and so do texts of
    more than a million characters. A tensor of an unknown type has the dtype "type 99" and no
    bytes. Its sizes stand as the file has them: the fastest-moving one first.
    """
    return _read_gguf(source, file, LARGEST_HEADER)[0]


def _read_gguf(source: Source, file: File, most: int) -> tuple[Gguf, int]:
    used = 0
    try:
        _require_gguf(file)
        while True:
            used = min(max(used * 16, FIRST_READ), most, file.size_bytes)
            data = source.read(file.path, length=used)
            try:
                return _Header(data, file).gguf(), used
            except _TooShortError:
                if len(data) < used or used >= file.size_bytes:
                    raise UnreadableError("it ends within its header") from None
                if used >= most:
                    raise UnreadableError(
                        f"its header is longer than {most:,} bytes, and is not read"
                    ) from None
    except UnreadableError as error:
        empty = Gguf(
            path=file.path,
            size_bytes=file.size_bytes,
            version=0,
            metadata={},
            tensors=(),
            data_start=0,
            problem=str(error),
        )
        return empty, used


def _require_gguf(file: File) -> None:
    require_readable(file)
    if file.looks != "gguf":
        raise UnreadableError("it does not begin as GGUF does")


class _Header:
    """Takes the bytes of a header apart, from the front."""

    def __init__(self, data: bytes, file: File) -> None:
        self._data, self._file = data, file
        self._at = 4
        self._items = 0
        self._order = "<"
        self._token_places: list[int] = []

    def gguf(self) -> Gguf:
        """Return the header; raises UnreadableError, or _TooShortError where bytes are lacking."""
        version = self._number("I")
        if version & 0xFFFF == 0 and version:
            self._order, self._at = ">", 4
            version = self._number("I")
        if version not in (2, 3):
            raise UnreadableError(f"it is of version {version}, of which firstmile knows 2 and 3")
        tensors, settings = self._number("Q"), self._number("Q")
        if tensors > MOST_TENSORS or settings > MOST_SETTINGS:
            raise UnreadableError(f"it states {tensors:,} tensors and {settings:,} settings")
        metadata: dict[str, Any] = {}
        for _ in range(settings):
            name = self._text()
            metadata[name] = self._value(self._number("I"), name, 0)
        infos = [self._tensor() for _ in range(tensors)]
        alignment = metadata.get("general.alignment", 32)
        if not isinstance(alignment, int) or alignment <= 0 or alignment & (alignment - 1):
            raise UnreadableError("its alignment is no power of two")
        start = -(-self._at // alignment) * alignment
        return Gguf(
            path=self._file.path,
            size_bytes=self._file.size_bytes,
            version=version,
            metadata=metadata,
            tensors=tuple(infos),
            data_start=start,
            big_endian=self._order == ">",
            special_tokens=self._special_tokens(metadata),
        )

    def _number(self, kind: str) -> Any:
        form = self._order + kind
        try:
            (value,) = struct.unpack_from(form, self._data, self._at)
        except struct.error as error:
            raise _TooShortError from error
        self._at += struct.calcsize(form)
        return value

    def _text(self) -> str:
        return self._bytes().decode("utf-8", "replace")

    def _bytes(self) -> bytes:
        length = self._number("Q")
        self._require(length, "a text")
        end = self._at + length
        if end > len(self._data):
            raise _TooShortError
        found = self._data[self._at : end]
        self._at = end
        return found

    def _require(self, length: int, what: str) -> None:
        """Refuse a length that no file of this size can hold, before anything of it is read."""
        if self._at + length > self._file.size_bytes:
            raise UnreadableError(
                f"its header states {what} of {length:,} bytes, and the file has "
                f"{self._file.size_bytes:,}"
            )

    def _value(self, kind: int, name: str, level: int) -> Any:
        if kind in _KINDS:
            return self._number(_KINDS[kind])
        if kind == _TEXT:
            text = self._text()
            return text if len(text) <= LONGEST_TEXT else len(text)
        if kind == _ARRAY and level < DEEPEST:
            return self._array(name, level)
        raise UnreadableError(f"its header states a value of the unknown kind {kind}")

    def _array(self, name: str, level: int) -> Any:
        kind, count = self._number("I"), self._number("Q")
        is_long = count > LONGEST_ARRAY or name in _OF_THE_VOCABULARY
        if kind in _KINDS:
            form = _KINDS[kind]
            size = struct.calcsize(self._order + form) * count
            self._require(size, "an array")
            if self._at + size > len(self._data):
                raise _TooShortError
            found: Any = count
            if not is_long:
                found = struct.unpack_from(f"{self._order}{count}{form}", self._data, self._at)
            self._at += size
            return found
        self._require(8 * count, "an array")
        self._items += count
        if self._items > MOST_ITEMS:
            raise UnreadableError(f"its header states arrays of {self._items:,} items")
        if kind == _TEXT and is_long:
            self._pass_texts(count, name)
            return count
        values = tuple(self._value(kind, "", level + 1) for _ in range(count))
        return count if is_long else values

    def _pass_texts(self, count: int, name: str) -> None:
        """Step over many texts; of a vocabulary's, remember where each one lies."""
        data, at = self._data, self._at
        length_at = struct.Struct(f"{self._order}Q").unpack_from
        places: list[int] = []
        try:
            for _ in range(count):
                places.append(at)
                at += 8 + length_at(data, at)[0]
        except (struct.error, OverflowError) as error:
            self._require(at - self._at, "texts")
            raise _TooShortError from error
        self._require(at - self._at, "texts")
        if at > len(data):
            raise _TooShortError
        self._at = at
        if name == _TOKENS:
            self._token_places = places

    def _special_tokens(self, metadata: dict[str, Any]) -> dict[str, str]:
        """Return the texts of the tokens whose ids the metadata state, by the settings' names."""
        found = {}
        places = self._token_places
        for name, value in metadata.items():
            is_id = name.startswith("tokenizer.ggml.") and name.endswith("_token_id")
            if is_id and isinstance(value, int) and 0 <= value < len(places):
                self._at = places[value]
                found[name] = self._text()[:LONGEST_ARRAY]
        return found

    def _tensor(self) -> Tensor:
        name = self._text()
        dimensions = self._number("I")
        if dimensions > DIMENSIONS:
            raise UnreadableError(f"its header states a tensor of {dimensions:,} dimensions")
        shape = tuple(self._number("Q") for _ in range(dimensions))
        kind, start = self._number("I"), self._number("Q")
        values = 1
        for width in shape:
            values *= width
        if values > MOST_VALUES or start > MOST_VALUES:
            raise UnreadableError("its header states a tensor larger than any")
        known = TYPES.get(kind)
        if known is None:
            return Tensor(name, f"type {kind}", shape, start, start)
        return Tensor(name, known[0], shape, start, start + -(-values // known[1]) * known[2])
