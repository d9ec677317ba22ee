"""SentencePiece models, read without the library: pieces that are no plain text, and sizes.

The file is one protobuf message (`sentencepiece_model.proto`): field 1 holds the pieces (text 1,
score 2, type 3), field 2 the trainer's settings (model_type 3, byte_fallback 35), field 3 the
normalizer's (name 1).
"""

from collections.abc import Collection, Iterator
from typing import Final

import msgspec

from firstmile.facts.machine import UnreadableError
from firstmile.facts.model_folder.folder import AddedToken

_ALGORITHMS: Final = {1: "Unigram", 2: "BPE", 3: "Word", 4: "Char"}
_UNKNOWN: Final = 2
_CONTROL: Final = 3
_USER_DEFINED: Final = 4
_VARINT: Final = 0
_EIGHT: Final = 1
_LENGTH: Final = 2
_FOUR: Final = 5
MOST_PIECES: Final = 2_000_000


class Pieces(msgspec.Struct, frozen=True, kw_only=True):
    """What a model states: how many pieces, those that are no plain text, and its settings."""

    count: int
    added: tuple[AddedToken, ...]
    named: dict[str, int]
    algorithm: str
    byte_fallback: bool
    normalizer: str | None


def read_pieces(data: bytes, wanted: Collection[str]) -> Pieces:
    """Return what a SentencePiece model holds; raises UnreadableError where it is none.

    `wanted` are pieces whose ids are asked for.
    """
    looked_for = {each.encode(): each for each in wanted}
    count = 0
    added: list[AddedToken] = []
    named: dict[str, int] = {}
    algorithm = 1
    byte_fallback = False
    normalizer = None
    knows_unknown = False
    for number, value in _fields(data):
        if number == 1 and isinstance(value, bytes):
            text, kind = _piece(value)
            knows_unknown = knows_unknown or kind == _UNKNOWN
            if kind in (_UNKNOWN, _CONTROL, _USER_DEFINED):
                content = text.decode("utf-8", "replace")
                added.append(AddedToken(id=count, content=content, special=kind != _USER_DEFINED))
            elif text in looked_for:
                named[looked_for[text]] = count
            count += 1
            if count > MOST_PIECES:
                raise UnreadableError(f"it holds more than {MOST_PIECES:,} pieces")
        elif number == 2 and isinstance(value, bytes):
            for inner, setting in _fields(value):
                if inner == 3 and isinstance(setting, int):
                    algorithm = setting
                elif inner == 35:
                    byte_fallback = setting == 1
        elif number == 3 and isinstance(value, bytes):
            for inner, setting in _fields(value):
                if inner == 1 and isinstance(setting, bytes):
                    normalizer = setting.decode("utf-8", "replace")[:100]
    if not count:
        raise UnreadableError("it is no SentencePiece model: it holds no pieces")
    if not knows_unknown:
        raise UnreadableError("it holds no piece for what is unknown, which SentencePiece refuses")
    return Pieces(
        count=count,
        added=tuple(added),
        named=named,
        algorithm=_ALGORITHMS.get(algorithm, "unknown"),
        byte_fallback=byte_fallback,
        normalizer=normalizer,
    )


def _piece(data: bytes) -> tuple[bytes, int]:
    """Return a piece's text and type; most are a short text and a score, and nothing else."""
    if len(data) > 1 and data[0] == 0x0A and data[1] < 0x80 and len(data) == data[1] + 7:
        return data[2 : 2 + data[1]], 1
    text, kind = b"", 1
    for number, value in _fields(data):
        if number == 1 and isinstance(value, bytes):
            text = value
        elif number == 3 and isinstance(value, int):
            kind = value
    return text, kind


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield the fields of a message: numbers and texts; those of other kinds are passed over."""
    at = 0
    end = len(data)
    while at < end:
        tag, at = _varint(data, at)
        number, kind = tag >> 3, tag & 7
        if number == 0:
            raise UnreadableError("it is no SentencePiece model: a field has no number")
        if kind == _VARINT:
            value, at = _varint(data, at)
            yield number, value
        elif kind == _LENGTH:
            length, at = _varint(data, at)
            if at + length > end:
                raise UnreadableError("it is cut: a field is longer than what is left")
            yield number, data[at : at + length]
            at += length
        elif kind in (_EIGHT, _FOUR):
            at += 8 if kind == _EIGHT else 4
            if at > end:
                raise UnreadableError("it is cut in the middle of a number")
        else:
            raise UnreadableError("it is no SentencePiece model: a field is of an unknown kind")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise UnreadableError("it is cut in the middle of a number")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise UnreadableError("it is no SentencePiece model: a number does not end")
