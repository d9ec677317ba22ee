"""JSON lists and JSON lines to columns."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Any, Final

import msgspec

from firstmile.errors import UserError
from firstmile.study.reading.ceilings import MIB, Ceilings
from firstmile.study.reading.columns import Encoder
from firstmile.study.reading.folders import Container
from firstmile.study.reading.mapping import (
    LABELS,
    LOOSE,
    PUBLISHED,
    ColumnMap,
    recognize,
    require_columns,
)
from firstmile.study.reading.provenance import ReadFile
from firstmile.study.reading.quoting import quoted, shown
from firstmile.study.reading.records import RawFile
from firstmile.study.reading.streams import CheckedStream, read_document

_BLOCK: Final = 4 * MIB
_FAILED: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def read_json(
    container: Container, name: str, *, mapping: ColumnMap | None, ceilings: Ceilings
) -> RawFile:
    """Read a list of objects; raises UserError naming the file and the record."""
    stream = container.open(name, ceiling=ceilings.document_bytes)
    data = read_document(stream)
    try:
        objects = msgspec.json.decode(data, type=list[msgspec.Raw])
    except _FAILED:
        raise _json_error(data, name) from None
    if not objects:
        raise UserError(f"{shown(name)} holds an empty list; give a file with records.")
    reader = _Reader(name, _fields_of(bytes(objects[0]), name), mapping)
    if reader.has_twins(data, len(objects)):
        for place, item in enumerate(objects, 1):
            _refuse_twins(bytes(item), name, place)
    try:
        rows = msgspec.json.decode(data, type=list[reader.row])  # type: ignore[name-defined]
    except _FAILED:
        for place, item in enumerate(objects, 1):
            reader.check(bytes(item), place)
        raise _json_error(data, name) from None
    reader.add(rows)
    return reader.file(stream)


def read_json_lines(
    container: Container, name: str, *, mapping: ColumnMap | None, ceilings: Ceilings
) -> RawFile:
    """Read one object a line; raises UserError naming the file and the record."""
    stream = container.open(name, ceiling=ceilings.file_bytes)
    reader: _Reader | None = None
    with stream:
        for block in _lines(stream, ceilings.record_bytes):
            if reader is None:
                if not (first := block.lstrip().partition(b"\n")[0].strip()):
                    continue
                reader = _Reader(name, _fields_of(first, name), mapping)
            reader.add_lines(block)
    if reader is None:
        raise UserError(f"{shown(name)} is empty; give a file with records.")
    return reader.file(stream)


class _Reader:
    """Decodes the fields that have a role, and collects them."""

    def __init__(self, name: str, fields: Sequence[str], mapping: ColumnMap | None) -> None:
        found = mapping or recognize(fields)
        self._name = name
        if not any(found.column(role) in fields for role in LABELS):
            require_columns(found, fields, name)
        self._fields = found.columns
        self._given = found.given
        self._published = found is PUBLISHED
        self._unread = tuple(field for field in fields if field not in self._fields.values())
        self._columns = {role: Encoder() for role in self._fields}
        self._count = 0
        self.row = msgspec.defstruct(
            "Row",
            [
                (role, (str | int | None) if role in LOOSE else (str | None), None)
                for role in self._fields
            ],
            rename=dict(self._fields),
            gc=False,
        )
        self._decoder = msgspec.json.Decoder(self.row)

    def add(self, rows: Sequence[Any]) -> None:
        for role, encoder in self._columns.items():
            values = map(attrgetter(role), rows)
            encoder.extend(map(_as_text, values) if role in LOOSE else values)
        self._count += len(rows)

    def add_lines(self, block: bytes) -> None:
        try:
            rows = self._decoder.decode_lines(block)
        except _FAILED:
            for place, line in enumerate(_filled(block), self._count + 1):
                self.check(line, place)
            raise UserError(
                f"{shown(self._name)} is no JSON Lines file; write one object a line."
            ) from None
        if self.has_twins(block, len(rows)):
            for place, line in enumerate(_filled(block), self._count + 1):
                _refuse_twins(line, self._name, place)
        self.add(rows)

    def has_twins(self, data: bytes, records: int) -> bool:
        """Whether a label's field seems to be named more often than there are records."""
        names = [self._fields[role].encode() for role in LABELS]
        return any(data.count(b'"%s"' % name) > records for name in names)

    def check(self, item: bytes, record: int) -> None:
        """Raise UserError where one record does not decode."""
        try:
            self._decoder.decode(item)
        except _FAILED as error:
            raise _record_error(error, self._name, record) from None

    def file(self, stream: CheckedStream) -> RawFile:
        columns = {role: encoder.column() for role, encoder in self._columns.items()}
        if not self._given:
            columns = {r: c for r, c in columns.items() if r in LABELS or c.categories}
        return RawFile(
            read=ReadFile(
                name=self._name, sha256=stream.sha256, bytes=stream.bytes, records=self._count
            ),
            columns=columns,
            fields=self._fields,
            unread=self._unread,
            published=self._published,
        )


def _record_error(error: Exception, name: str, record: int) -> UserError:
    """Return the error of a record that does not decode."""
    place = f"Record {record} of {shown(name)}"
    if isinstance(error, RecursionError):
        return UserError(f"{place} is nested too deeply; write one flat object a record.")
    if not isinstance(error, msgspec.ValidationError):
        return UserError(f"{place} is broken JSON ({_reason(error)}); correct it there.")
    found = re.search(r"got `(\w+)`(?: - at `\$\.?(.*)`)?", str(error))
    kind, field = (found[1], found[2]) if found else ("another type", None)
    if not field:
        return UserError(f"{place} is {_KINDS.get(kind, kind)}, not an object with labels.")
    return UserError(
        f"{place} holds {_KINDS.get(kind, kind)} in {quoted(field)} where a text is expected; "
        "put the text there."
    )


_KINDS: Final = {
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "str": "a text",
    "null": "null",
}


def _json_error(data: bytes, name: str) -> UserError:
    """Return the error of a document that is no list or breaks off, by its first bad record."""
    text = data.decode()
    begin = text.lstrip()
    if not begin:
        return UserError(f"{shown(name)} is empty; give a file with records.")
    if not begin.startswith("["):
        looks = "a web page" if begin.startswith("<") else "no list of records"
        return UserError(
            f"{shown(name)} is {looks}; give a JSON list with one object for each failure."
        )
    decoder = json.JSONDecoder()
    place, record = text.index("[") + 1, 0
    while True:
        place = _after_space(text, place)
        if text[place : place + 1] == "]":
            line = text.count("\n", 0, place) + 1
            return UserError(
                f"{shown(name)} is broken JSON around line {line}, after record {record}; "
                "correct it there."
            )
        record, begun = record + 1, place
        try:
            _, place = decoder.raw_decode(text, place)
            msgspec.json.decode(text[begun:place])
        except msgspec.MsgspecError as error:  # Python takes NaN and half a character for JSON
            return _record_error(error, name, record)
        except json.JSONDecodeError as error:
            return UserError(
                f"Record {record} of {shown(name)} is broken JSON at line {error.lineno} "
                f"({error.msg.lower()}); correct it there."
            )
        except RecursionError:
            return UserError(
                f"Record {record} of {shown(name)} is nested too deeply; "
                "write one flat object a record."
            )
        place = _after_space(text, place)
        if text[place : place + 1] == ",":
            place += 1


def _after_space(text: str, place: int) -> int:
    while text[place : place + 1] in (" ", "\t", "\r", "\n") and place < len(text):
        place += 1
    return place


def _fields_of(item: bytes, name: str) -> list[str]:
    """Return the names of the first record's fields."""
    try:
        return list(msgspec.json.decode(item, type=dict[str, msgspec.Raw]))
    except _FAILED as error:
        raise _record_error(error, name, 1) from None


def _refuse_twins(item: bytes, name: str, record: int) -> None:
    """Raise UserError where a record names a field twice."""
    place = f"Record {record} of {shown(name)}"

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        twice = [key for key, times in Counter(key for key, _ in pairs).items() if times > 1]
        if twice:
            raise UserError(f"{place} names the field {quoted(twice[0])} twice; remove one.")
        return dict(pairs)

    try:
        json.loads(item, object_pairs_hook=once)
    except RecursionError:
        raise _record_error(RecursionError(), name, record) from None


def _lines(stream: CheckedStream, longest: int) -> Iterator[bytes]:
    """Yield blocks of whole lines."""
    rest = b""
    while block := stream.read(_BLOCK):
        head, newline, tail = block.rpartition(b"\n")
        if newline:
            yield (rest + head).removeprefix(b"\xef\xbb\xbf")
            rest = tail
        else:
            rest += block
        if len(rest) > longest:
            raise UserError(
                f"A line of {shown(stream.name)} is longer than {longest // MIB} MiB; "
                "write one record a line."
            )
    if rest.strip():
        yield rest.removeprefix(b"\xef\xbb\xbf")


def _as_text(value: str | int | None) -> str | None:
    return str(value) if isinstance(value, int) else value


def _filled(block: bytes) -> Iterator[bytes]:
    return (line for line in block.splitlines() if line.strip())


def _reason(error: Exception) -> str:
    return str(error).removeprefix("JSON is malformed: ").lower()
