"""Rows and what raters decided as files: JSON lines, Parquet, the layout of the published set."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from io import BytesIO
from typing import Any, Final

from firstmile.study.publishing.columns import (
    DECISIONS,
    FAILURES,
    JUDGEMENTS,
    Column,
    Kind,
    columns_of,
    decision_values,
    failure_values,
    judgement_values,
)
from firstmile.study.publishing.dataset import Dataset
from firstmile.study.publishing.plain_text import json_text
from firstmile.study.reading.mapping import NUMBER, ROLES

LAYOUT: Final = "open-llm-failures"
"""The folder that has the layout in which the study of open-weight models was published."""

_COLUMNS: Final = {role: role for role in (*ROLES, NUMBER)} | {"cluster": "duplicate_group"}
"""Our columns by the reader's roles."""


def failure_rows(dataset: Dataset) -> list[Mapping[str, Any]]:
    """Return all rows by column, by repository and number, so that their order says nothing."""
    rows = sorted(dataset.rows, key=lambda row: (row.repository.casefold(), row.number, row.issue))
    return [failure_values(row, dataset.codebook) for row in rows]


def decision_rows(dataset: Dataset) -> list[Mapping[str, Any]]:
    """Return all decisions by column, as they were recorded."""
    return [decision_values(one) for one in sorted(dataset.decisions, key=lambda one: one.order)]


def judgement_rows(dataset: Dataset) -> list[Mapping[str, Any]]:
    """Return all judgements on duplicates by column, as they were recorded."""
    return [judgement_values(one) for one in sorted(dataset.judgements, key=lambda one: one.order)]


def record_files(dataset: Dataset) -> dict[str, bytes]:
    """Return the files that hold rows, decisions and judgements, by name."""
    rows = failure_rows(dataset)
    failures = columns_of(FAILURES, text=dataset.text)
    decisions = columns_of(DECISIONS, text=dataset.text)
    return {
        "failures.jsonl": _json_lines(rows, failures),
        "failures.parquet": _parquet(rows, failures),
        "decisions.jsonl": _json_lines(decision_rows(dataset), decisions),
        "judgements.jsonl": _json_lines(
            judgement_rows(dataset), columns_of(JUDGEMENTS, text=dataset.text)
        ),
        "study.toml": _study_file(rows),
        **_layout(rows),
    }


def _json_lines(rows: Iterable[Mapping[str, Any]], columns: Sequence[Column]) -> bytes:
    lines = (
        json_text({column.name: _plain(row[column.name]) for column in columns}) for row in rows
    )
    return "".join(f"{line}\n" for line in lines).encode()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _parquet(rows: Sequence[Mapping[str, Any]], columns: Sequence[Column]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {
        Kind.INTEGER: pa.int64(),
        Kind.BOOLEAN: pa.bool_(),
        Kind.DAY: pa.date32(),
        Kind.LIST: pa.list_(pa.string()),
    }
    schema = pa.schema(
        [
            pa.field(
                column.name,
                kinds.get(column.kind, pa.string()),
                nullable=not column.always,
                metadata={"description": column.meaning},
            )
            for column in columns
        ]
    )
    arrays = [
        pa.array([row[column.name] for row in rows], type=kind.type)
        for column, kind in zip(columns, schema, strict=True)
    ]
    out = BytesIO()
    pq.write_table(pa.table(arrays, schema=schema), out, compression="zstd")
    return out.getvalue()


def _study_file(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the study.toml by which `firstmile study report` reads the folder.

    A column in which nothing is known is left out, since naming it would promise something.
    """
    known = [
        (role, column)
        for role, column in _COLUMNS.items()
        if any(row[column] is not None for row in rows)
    ]
    lines = [
        "# How `firstmile study report` reads this folder.",
        "",
        "[data]",
        'files = ["failures.jsonl"]',
        'format = "jsonl"',
        "",
        "[columns]",
        *(f'{role} = "{column}"' for role, column in known),
        "",
    ]
    return "\n".join(lines).encode()


def _layout(rows: Sequence[Mapping[str, Any]]) -> dict[str, bytes]:
    """Return a file a repository, with the field names of the published set.

    `model` holds the version and is empty where none is known: the reader takes the series from
    it, or from the repository. Names that differ in case alone share a file, because some disks
    don't tell them apart.
    """
    by_repository: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_repository.setdefault(row["repository"].casefold(), []).append(row)
    files = {}
    for group in by_repository.values():
        owner, name = group[0]["repository"].split("/")
        records = [
            {
                "number": place,
                "link": row["issue"],
                "status": row["status"] or "",
                "SYMPTOM": row["symptom_label"],
                "ROOT CAUSE": row["cause_label"],
                "STAGE": row["stage_label"],
                "model": row["version"] or "",
                "architecture": row["architecture"] or "",
            }
            for place, row in enumerate(group, 1)
        ]
        safe = _folder_name(name)
        while (path := f"{LAYOUT}/{owner}/{safe}/{safe}.json") in files:
            safe += "-dot"
        files[path] = (json_text(records, indent=2) + "\n").encode()
    return files


def _folder_name(name: str) -> str:
    """Return a repository's name without a dot at its ends.

    A name that begins with one is hidden and not read; some systems drop one at the end.
    """
    bare = name.strip(".") or "dots"
    return bare if bare == name else f"{bare}-dot"
