"""The objects of a JSON file, whatever its layout: lines, a list, or several of either."""

import itertools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from firstmile.errors import UserError
from firstmile.study.reading.ceilings import MIB
from firstmile.study.reading.quoting import shown
from firstmile.study.sources._unpacking import blocks_of

_LONGEST_LINE: Final = 64 * MIB
_LARGEST_DOCUMENT: Final = 1024 * MIB
_FAILED: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Item(NamedTuple):
    """One object of a file, or why it is none; `place` is its line or record number."""

    place: int
    value: Mapping[str, Any] | None
    bytes: int
    reason: str = ""


class _Object(msgspec.Struct):
    """Any JSON object, passed over."""


def items_of(path: Path, name: str) -> Iterator[Item]:
    """Yield a file's objects: JSON Lines, a list, or several of either one after the other."""
    blocks = blocks_of(path, name)
    start = b""
    for block in blocks:
        start += block
        if b"\n" in start.lstrip() or len(start) > _LONGEST_LINE:
            break
    begin = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not begin:
        raise UserError(f"{shown(name)} is empty: export it again.")
    if begin.startswith(b"<"):
        raise UserError(f"{shown(name)} is a web page, not JSON: export it again.")
    first = begin.partition(b"\n")[0].strip()
    if begin.startswith(b"[") or (first.startswith(b"{") and not _is_object(first)):
        yield from _document_items(start, blocks, name)
    else:
        yield from _line_items(start, blocks, name)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(msgspec.json.decode(line), dict)
    except _FAILED:
        return False


def _line_items(start: bytes, blocks: Iterator[bytes], name: str) -> Iterator[Item]:
    decoder, number = msgspec.json.Decoder(dict[str, Any]), 0
    rest = b""
    for block in itertools.chain([start.removeprefix(b"\xef\xbb\xbf")], blocks):
        *whole, rest = (rest + block).split(b"\n")
        for line in whole:
            number += 1
            if line.strip():
                yield _item(decoder, line, number)
        if len(rest) > _LONGEST_LINE:
            raise UserError(
                f"Line {number + 1} of {shown(name)} is longer than {_LONGEST_LINE // MIB} MiB; "
                "write one issue a line."
            )
    if rest.strip():
        yield _item(decoder, rest, number + 1)


def _item(decoder: "msgspec.json.Decoder[dict[str, Any]]", raw: bytes, place: int) -> Item:
    try:
        return Item(place, decoder.decode(raw), len(raw))
    except msgspec.ValidationError:
        return Item(place, None, len(raw), "no object")
    except RecursionError:
        return Item(place, None, len(raw), "nested too deeply")
    except _FAILED as error:
        return Item(place, None, len(raw), _reason(error))


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    return str(error).removeprefix("JSON is malformed: ").lower()


def _document_items(start: bytes, blocks: Iterator[bytes], name: str) -> Iterator[Item]:
    pieces, size = [start], len(start)
    failure: UserError | None = None
    try:
        for block in blocks:
            pieces.append(block)
            size += len(block)
            if size > _LARGEST_DOCUMENT:
                raise UserError(
                    f"{shown(name)} holds more than {_LARGEST_DOCUMENT // MIB} MiB in one list; "
                    "export it as JSON Lines, one issue a line."
                )
    except UserError as error:
        if size > _LARGEST_DOCUMENT:
            raise
        failure = error
    data = b"".join(pieces).removeprefix(b"\xef\xbb\xbf")
    del pieces
    try:
        # Junk is found before it takes memory: a list of a million numbers fits into a kilobyte.
        msgspec.json.decode(data, type=list[_Object])
        raws = msgspec.json.decode(data, type=list[msgspec.Raw])
    except _FAILED:
        yield from _values(data, name, failure)
        return
    decoder = msgspec.json.Decoder(dict[str, Any])
    for number, raw in enumerate(raws, 1):
        yield _item(decoder, bytes(raw), number)


def _values(data: bytes, name: str, failure: UserError | None) -> Iterator[Item]:
    """Yield objects that stand one after the other, in lists or not, as far as they are whole."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise failure or UserError(
            f"Line {line} of {shown(name)} is not UTF-8; save the file as UTF-8."
        ) from error
    decoder, place, number = json.JSONDecoder(), 0, 0
    while (place := _after(text, place)) < len(text):
        try:
            value, end = decoder.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            at = error.pos if isinstance(error, json.JSONDecodeError) else place
            line = text.count("\n", 0, at) + 1
            raise failure or UserError(
                f"{shown(name)} is broken JSON at line {line}, after {number} records: "
                "export it again, or correct it there."
            ) from error
        number += 1
        if isinstance(value, dict):
            yield Item(number, value, end - place)
        else:
            yield Item(number, None, end - place, "no object")
        place = end
    if failure:
        raise failure


def _after(text: str, place: int) -> int:
    """Return where the next value begins: lists are read as if their items stood alone."""
    while place < len(text) and text[place] in " \t\r\n[],":
        place += 1
    return place
