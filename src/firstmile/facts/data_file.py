"""What the first records of a data file show: a JSON, JSONL or CSV file that is trained on."""

import contextlib
import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from firstmile.facts.model_folder.listed_files import POINTER

LARGEST_START: Final = 4 * 1024 * 1024
"""Bytes from the start of a data file that are looked at."""
MOST_RECORDS: Final = 2_000
MOST_KEYS: Final = 60
MOST_ROLES: Final = 60
_LONGEST_KEY: Final = 80
_DEEPEST: Final = 30
_ROLE_NAMES: Final = ("role", "from")
_LINES_TRIED: Final = 20
_BETWEEN: Final = re.compile(r"[ \t\r\n,:]*")
ENDINGS: Final = (".json", ".jsonl", ".ndjson", ".csv", ".tsv")
"""File names of these endings are read."""


class DataFile(msgspec.Struct, frozen=True, kw_only=True):
    """A data file by its first records.

    `form` is "json", "jsonl", "csv", "parquet" or "unknown". `keys` are the fields of the first
    record and `roles` those of its messages in order. Of the `records` that were read, `empty`
    have no text at all and `broken` are no record, the first of them with the number
    `first_broken`. `whole` tells whether the file ended within what was read: what a cut
    file lacks is no problem of it.
    """

    form: str
    records: int = 0
    keys: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    empty: int = 0
    broken: int = 0
    first_broken: int | None = None
    longest_characters: int | None = None
    whole: bool = True
    problem: str | None = None


def read_data_file(name: str, data: bytes, *, whole: bool) -> DataFile:
    """Return what the start of a data file shows; never raises for what it holds.

    `whole` tells whether `data` is all of the file; otherwise its last record is left out.
    """
    if data.startswith(b"PAR1"):
        return DataFile(form="parquet", whole=whole, problem="records of Parquet are not read")
    if not data.strip():
        return DataFile(form=_form_of(name), whole=whole, problem="it is empty")
    if data.startswith(POINTER):
        return DataFile(form=_form_of(name), whole=whole, problem="it is a pointer of Git LFS")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if whole or error.start < len(data) - 4:
            return DataFile(form=_form_of(name), whole=whole, problem="it is not UTF-8 text")
        text = data[: error.start].decode("utf-8-sig")
    form = _form_of(name)
    if form == "csv":
        return _csv(text, "\t" if name.lower().endswith(".tsv") else ",", whole)
    if text.lstrip()[:1] == "[":
        return _list(text, text.index("["), whole=whole)
    if form == "json" and not _holds_lines(text):
        return _single(text) if whole else _cut_object(text)
    return _counted("jsonl", _records_of_lines(text, whole), whole=whole)


def _form_of(name: str) -> str:
    ending = name.lower().rpartition(".")[2]
    if ending in ("csv", "tsv"):
        return "csv"
    return {"json": "json", "jsonl": "jsonl", "ndjson": "jsonl"}.get(ending, "unknown")


def _holds_lines(text: str) -> bool:
    """Whether records stand one a line: a file of lines may end in .json as well."""
    lines = [line.strip() for line in text.split("\n", _LINES_TRIED)[:_LINES_TRIED]]
    if sum(map(bool, lines)) < 2:
        return False
    for line in lines:
        with contextlib.suppress(ValueError, RecursionError):
            if json.loads(line or "0") and line.startswith("{"):
                return True
    return False


def _single(text: str) -> DataFile:
    """Read one JSON value over the whole file: the list that one of its fields holds."""
    try:
        tree = json.loads(text)
    except json.JSONDecodeError as error:
        problem = f"it is no JSON: {error.msg.lower()} in line {error.lineno}"
        return DataFile(form="json", problem=problem)
    except (ValueError, RecursionError):
        return DataFile(form="json", problem="it is nested or sized beyond any use")
    if isinstance(tree, dict) and not _roles_of(tree):
        inner = next((value for value in tree.values() if isinstance(value, list) and value), None)
        if inner is not None and all(isinstance(each, dict) for each in inner[:10]):
            return _counted("json", iter(inner[:MOST_RECORDS]), whole=True)
    return _counted("json", iter([tree]), whole=True)


def _cut_object(text: str) -> DataFile:
    """Read the start of one JSON object: of its first list of records those that came."""
    decoder = json.JSONDecoder()
    place = text.find("{") + 1
    with contextlib.suppress(ValueError, RecursionError):
        while place:
            _, place = decoder.raw_decode(text, _past(text, place))
            place = _past(text, place)
            if text.startswith("[", place) and text.startswith("{", _past(text, place + 1)):
                return _list(text, place, whole=False)
            _, place = decoder.raw_decode(text, place)
    return DataFile(form="json", whole=False)


def _past(text: str, place: int) -> int:
    """Return the place after blanks and what stands between values."""
    found = _BETWEEN.match(text, place)
    return found.end() if found else place


def _list(text: str, place: int, *, whole: bool) -> DataFile:
    """Read a list of records, one after the other, so that a cut file shows its start."""
    decoder = json.JSONDecoder()
    found: list[Any] = []
    place += 1
    problem = None
    while len(found) < MOST_RECORDS:
        place = _past(text, place)
        if place >= len(text):
            problem = "the list in it does not end" if whole else None
            break
        if text[place] == "]":
            break
        try:
            value, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            if whole:
                problem = f"record {len(found) + 1} of its list is no JSON"
            break
        found.append(value)
    return _counted("json", iter(found), whole=whole, problem=problem)


def _records_of_lines(text: str, whole: bool) -> Iterator[Any]:
    lines = text.split("\n")
    if not whole:
        lines.pop()
    count = 0
    for line in lines:
        if not line.strip():
            continue
        count += 1
        if count > MOST_RECORDS:
            return
        try:
            yield json.loads(line)
        except (ValueError, RecursionError):
            yield None


def _csv(text: str, delimiter: str, whole: bool) -> DataFile:
    """Read rows; the last of a cut file is left out, since a field in quotes may span lines."""
    rows: list[list[str]] = []
    problem = None
    try:
        with _fields_of_any_length():
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
                if row:
                    rows.append(row)
                if len(rows) > MOST_RECORDS + 1:
                    break
    except csv.Error as error:
        problem = f"row {len(rows) + 1} cannot be read: {error}"
    if not whole or len(rows) > MOST_RECORDS + 1:
        rows = rows[:-1]
    header = rows[0] if rows else []
    records = (
        dict(zip(header, row, strict=True)) if len(row) == len(header) else None for row in rows[1:]
    )
    read = _counted("csv", records, whole=whole, problem=problem)
    return replace(read, keys=tuple(name[:_LONGEST_KEY] for name in header[:MOST_KEYS]))


@contextlib.contextmanager
def _fields_of_any_length() -> Iterator[None]:
    """Lift the limit of 131,072 characters a field, which is for all of the interpreter.

    Whoever trains on the file reads it with another library, which has none; what is read here
    is bounded already.
    """
    before = csv.field_size_limit(LARGEST_START)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _counted(
    form: str, records: Iterator[Any], *, whole: bool, problem: str | None = None
) -> DataFile:
    count = empty = broken = longest = 0
    first_broken: int | None = None
    keys: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    for record in records:
        count += 1
        if not isinstance(record, Mapping):
            broken += 1
            first_broken = first_broken or count
            continue
        if not keys:
            keys = tuple(str(name)[:_LONGEST_KEY] for name in list(record)[:MOST_KEYS])
            roles = _roles_of(record)
        length = _characters(record)
        longest = max(longest, length)
        empty += length == 0
    return DataFile(
        form=form,
        records=count,
        keys=keys,
        roles=roles,
        empty=empty,
        broken=broken,
        first_broken=first_broken,
        longest_characters=longest if count else None,
        whole=whole,
        problem=problem or ("it has no records" if whole and not count else None),
    )


def _roles_of(record: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the roles of the first field that is a list of messages."""
    for value in record.values():
        if not isinstance(value, list) or not value or not isinstance(value[0], Mapping):
            continue
        for name in _ROLE_NAMES:
            if name in value[0]:
                messages = value[:MOST_ROLES]
                return tuple(
                    str(each[name])[:_LONGEST_KEY]
                    for each in messages
                    if isinstance(each, Mapping) and name in each
                )
    return ()


def _characters(record: Mapping[str, Any]) -> int:
    """Count the characters of all texts of a record, those of roles left out."""
    total = 0
    level: list[Any] = [record]
    for _ in range(_DEEPEST):
        inner: list[Any] = []
        for each in level:
            if isinstance(each, Mapping):
                inner += [value for key, value in each.items() if key not in _ROLE_NAMES]
            elif isinstance(each, list):
                inner += each
            elif isinstance(each, str):
                total += len(each.strip())
        if not inner:
            return total
        level = inner
    return total
