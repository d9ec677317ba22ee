"""CSV and Parquet to columns, without an object a row."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from firstmile.errors import UserError
from firstmile.study.failures import Column
from firstmile.study.reading.ceilings import MIB, Ceilings
from firstmile.study.reading.columns import recoded
from firstmile.study.reading.folders import Container
from firstmile.study.reading.mapping import (
    LABELS,
    LOOSE,
    PUBLISHED,
    ColumnMap,
    recognize,
    require_columns,
)
from firstmile.study.reading.normalization import Labels
from firstmile.study.reading.provenance import ReadFile
from firstmile.study.reading.quotation import Quotation, never_closed
from firstmile.study.reading.quoting import quoted, shown
from firstmile.study.reading.records import Days, RawFile
from firstmile.study.reading.streams import CheckedStream, read_document
from firstmile.taxonomy import Axis, load_taxonomy

if TYPE_CHECKING:
    import pyarrow as pa

_BLOCK: Final = 4 * MIB


def read_csv(
    container: Container, name: str, *, mapping: ColumnMap | None, ceilings: Ceilings
) -> RawFile:
    """Read a comma-separated table with a header; raises UserError with file and record."""
    names = _header(container, name, ceilings)
    found = mapping or recognize(names)
    columns = require_columns(found, names, name)
    import pyarrow as pa

    quotation = Quotation(name, len(names))
    with container.open(name, ceiling=ceilings.file_bytes) as stream:
        stream.watch = quotation.feed
        try:
            table = _parse_csv(stream, sorted(set(columns.values())), use_threads=True)
        except pa.ArrowInvalid as error:
            raise _csv_error(container, name, columns, ceilings, error) from None
        stream.drain()
    quotation.finish()
    _refuse_records_in_values(quotation, [names.index(columns[label]) for label in LABELS], name)
    raw = _raw_file(stream, table, columns, found, names)
    return replace(raw, broken=quotation.broken)


def _refuse_records_in_values(quotation: Quotation, places: Sequence[int], name: str) -> None:
    """Raise UserError where a line inside a value carries the labels of a record.

    Such a value was never closed, and the next unclosed one ended it.
    """
    if not quotation.like_records:
        return
    taxonomy = load_taxonomy()
    labels = [Labels(taxonomy, Axis(label)) for label in LABELS]
    for values, record in quotation.like_records.items():
        texts = [values[place].decode(errors="replace") for place in places]
        if all(own.resolve(text) for own, text in zip(labels, texts, strict=True)):
            raise never_closed(name, record)


def read_parquet(
    container: Container, name: str, *, mapping: ColumnMap | None, ceilings: Ceilings
) -> RawFile:
    """Read a Parquet table; raises UserError naming the file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    stream = container.open(name, ceiling=ceilings.file_bytes, text=False)
    data = read_document(stream)
    try:
        names = pq.ParquetFile(pa.BufferReader(data)).schema_arrow.names
        found = mapping or recognize(names)
        columns = require_columns(found, names, name)
        table = _unpack(data, sorted(set(columns.values())), name, ceilings)
        return _raw_file(stream, table, columns, found, names)
    except (pa.ArrowException, OSError, ValueError, NotImplementedError) as error:
        raise UserError(f"{shown(name)} is no sound Parquet file; write it anew.") from error


def _unpack(data: bytes, columns: list[str], name: str, ceilings: Ceilings) -> "pa.Table":
    """Return columns, texts as dictionaries; the sizes that a file declares are not relied on."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pq.ParquetFile(pa.BufferReader(data)).schema_arrow
    texts = [column for column in columns if _is_text(schema.field(column).type)]
    file = pq.ParquetFile(pa.BufferReader(data), read_dictionary=texts)
    groups = range(file.metadata.num_row_groups)
    rows = sum(max(file.metadata.row_group(group).num_rows, 0) for group in groups)
    if max(rows, file.metadata.num_rows) > ceilings.records:
        raise UserError(
            f"{shown(name)} holds more than {ceilings.records:,} records, which is the most "
            "that is read of one file; sample it."
        )
    parts, unpacked = [schema.empty_table().select(columns)], 0
    for group in groups:
        part = file.read_row_group(group, columns=columns)
        part.validate(full=True)
        unpacked += part.nbytes
        if unpacked > ceilings.unpacked_bytes:
            raise UserError(
                f"{shown(name)} unpacks to more than {ceilings.unpacked_bytes // MIB} MiB; "
                "split it."
            )
        parts.append(part)
    return pa.concat_tables(parts[1:] or parts)


def _raw_file(
    stream: CheckedStream,
    table: "pa.Table",
    columns: Mapping[str, str],
    mapping: ColumnMap,
    names: Sequence[str],
) -> RawFile:
    texts, created = {}, None
    for role, column in columns.items():
        values = table.column(column)
        if role == "created" and (days := _days(values)) is not None:
            created = days
        else:
            texts[role] = _text_column(values, role, column, stream.name)
    return RawFile(
        read=ReadFile(
            name=stream.name, sha256=stream.sha256, bytes=stream.bytes, records=table.num_rows
        ),
        columns=texts,
        fields=columns,
        created=created,
        unread=tuple(name for name in names if name not in columns.values()),
        published=mapping is PUBLISHED,
    )


def _text_column(values: "pa.ChunkedArray", role: str, column: str, file: str) -> Column:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = values.type
    if role in LOOSE and pa.types.is_integer(kind):
        values = values.cast(pa.string())
    if pa.types.is_null(kind):
        values = values.cast(pa.string())
    if not pa.types.is_dictionary(values.type):
        if not _is_text(values.type):
            raise UserError(
                f"The column {quoted(column)} of {shown(file)} holds {kind} where texts are "
                "expected; write it as text."
            )
        values = values.cast(pa.string()).dictionary_encode()
    elif not _is_text(values.type.value_type):
        raise UserError(
            f"The column {quoted(column)} of {shown(file)} holds {kind.value_type} where texts "
            "are expected; write it as text."
        )
    whole = values.combine_chunks() if values.num_chunks != 1 else values.chunk(0)
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.unify_dictionaries().combine_chunks()
    order = pc.array_sort_indices(whole.dictionary)
    names = whole.dictionary.take(order).to_pylist()
    place = np.empty(len(names) + 1, dtype=np.int32)
    place[order.to_numpy()] = np.arange(len(names), dtype=np.int32)
    place[-1] = -1
    codes = pc.fill_null(whole.indices.cast(pa.int32()), len(names)).to_numpy()
    encoded = Column(tuple(names), place[codes])
    return recoded(encoded, lambda name: name or None) if "" in names[:1] else encoded


def _days(values: "pa.ChunkedArray") -> Days | None:
    import pyarrow as pa

    if not (pa.types.is_timestamp(values.type) or pa.types.is_date(values.type)):
        return None
    days = values.cast(pa.date32(), safe=False)
    return np.asarray(days.to_numpy(), dtype="datetime64[D]")


def _is_text(kind: "pa.DataType") -> bool:
    import pyarrow as pa

    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _parse_csv(stream: io.RawIOBase, columns: list[str], *, use_threads: bool) -> "pa.Table":
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    return arrow_csv.read_csv(
        stream,
        read_options=arrow_csv.ReadOptions(block_size=_BLOCK, use_threads=use_threads),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            include_columns=columns,
            column_types={column: pa.dictionary(pa.int32(), pa.string()) for column in columns},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            check_utf8=False,
        ),
    )


def _header(container: Container, name: str, ceilings: Ceilings) -> list[str]:
    with container.open(name, ceiling=ceilings.file_bytes) as stream:
        text = (stream.read(MIB) or b"").decode("utf-8-sig", errors="ignore")
    if not text.strip():
        raise UserError(f"{shown(name)} is empty; give a file with a header and records.")
    try:
        return next(row for row in csv.reader(io.StringIO(text, newline="")) if row)
    except (csv.Error, StopIteration) as error:
        raise UserError(
            f"The header of {shown(name)} cannot be read; write a plain one."
        ) from error


def _csv_error(
    container: Container,
    name: str,
    columns: Mapping[str, str],
    ceilings: Ceilings,
    error: Exception,
) -> UserError:
    """Return the error of a table that does not parse, by its record, which one thread knows."""
    import pyarrow as pa

    if "straddl" in str(error):
        return UserError(
            f"A record of {shown(name)} is longer than {_BLOCK // MIB} MiB; "
            "look for a quotation mark that is never closed."
        )
    quotation = Quotation(name, len(columns))
    with container.open(name, ceiling=ceilings.file_bytes) as stream:
        stream.watch = quotation.feed
        try:
            _parse_csv(stream, sorted(set(columns.values())), use_threads=False)
        except pa.ArrowInvalid as again:
            error = again
        stream.drain()
    quotation.finish()
    words = str(error).split(":", 2)
    row = words[1].strip().removeprefix("Row #") if len(words) > 1 else ""
    place = f"Record {int(row) - 1} of {shown(name)}" if row.isdigit() else shown(name)
    return UserError(
        f"{place} does not have as many values as the header; "
        "look for an unquoted comma or a quotation mark that is never closed."
    )
