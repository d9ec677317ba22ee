"""Check a published folder: checksums, tables, and that the metadata tell the truth."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from firstmile.errors import UserError
from firstmile.study.publishing.columns import (
    DECISIONS,
    FAILURES,
    JUDGEMENTS,
    Column,
    Kind,
    columns_of,
)
from firstmile.study.publishing.croissant import CONFORMS_TO
from firstmile.study.publishing.dataset import DELETED, ISSUE, WORDS
from firstmile.study.publishing.manifest import MANIFEST, changed_files, listed_files
from firstmile.study.publishing.records import LAYOUT
from firstmile.study.publishing.replacing import MARKER, is_publication, publication
from firstmile.study.reading.quoting import quoted, shown
from firstmile.taxonomy import Axis

RESPONSIBLE: Final = (
    "rai:dataLimitations",
    "rai:dataBiases",
    "rai:personalSensitiveInformation",
    "rai:dataUseCases",
    "rai:dataSocialImpact",
    "rai:hasSyntheticData",
    "prov:wasDerivedFrom",
    "prov:wasGeneratedBy",
)
"""What NeurIPS 2026 asks of a data set beside Croissant's own required fields."""

_MOST: Final = 20
_LAYOUT_FIELDS: Final = {
    Axis.SYMPTOM: "SYMPTOM",
    Axis.CAUSE: "ROOT CAUSE",
    Axis.STAGE: "STAGE",
}


def verify_published(folder: Path) -> int:
    """Return how many files a published folder holds once all of them are as published.

    Raises UserError with the first thing that is wrong and how many more there are.
    """
    found = problems(folder)
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise UserError(f"{shown(str(folder))} is not as it was published: {found[0]}{more}.")
    return len(listed_files(folder)) + 1


def problems(folder: Path) -> list[str]:
    """Return what is wrong with a published folder, at most the first few of each kind.

    What the checksums say comes first; tables and metadata are judged where they can be read.
    Raises UserError where the folder is no published data set.
    """
    if not is_publication(folder):
        raise UserError(
            f"{shown(str(folder))} is no published data set (there is no {MARKER} of firstmile "
            "in it): firstmile study publish makes one of a study."
        )
    return [
        problem
        for check in (_checksums, _tables, _deletions, _metadata, _layout)
        for problem in _attempt(check, folder)
    ]


def _attempt(check: Callable[[Path], Iterator[str]], folder: Path) -> list[str]:
    """Return a check's first problems; a file that it cannot read is one."""
    found: list[str] = []
    try:
        for problem in check(folder):
            found.append(problem)
            if len(found) == _MOST:
                break
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        what = getattr(error, "filename", None) or error
        found.append(f"a file is missing or cannot be read ({shown(str(what))})")
    return found


def altered(folder: Path) -> list[str]:
    """Return what of a published folder is gone, changed or added, at most the first few.

    Nothing but checksums is looked at, so it may be asked of any folder.
    """
    return _attempt(_checksums, folder)


def _checksums(folder: Path) -> Iterator[str]:
    listed = listed_files(folder)
    if not listed:
        yield f"{MANIFEST} is missing or broken"
        return
    for name in changed_files(folder):
        path = folder / name
        there = path.is_file() and not path.is_symlink()
        yield f"{quoted(name)} was changed" if there else f"{quoted(name)} is missing"
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_dir() and name not in listed and name != MANIFEST:
            yield f"{quoted(name)} is not of the data set"


def _tables(folder: Path) -> Iterator[str]:
    said = publication(folder)
    terms = _terms(folder)
    failures = columns_of(FAILURES, text=bool(said["text"]))
    rows = _records(folder / "failures.jsonl")
    yield from _judged("failures.jsonl", rows, failures, terms, said["rows"])
    for place, row in enumerate(rows, 1):
        for axis in Axis:
            label = terms.get(axis, {}).get(row.get(axis.value, ""))
            if label is not None and row.get(f"{axis.value}_label") != label:
                yield f"record {place} of failures.jsonl carries another {axis.value} as label"
    twice = len(rows) - len({row.get("issue") for row in rows})
    if twice:
        yield f"failures.jsonl holds {twice} issues twice"
    if not _same_as_parquet(folder / "failures.parquet", rows, failures):
        yield "failures.parquet holds other rows than failures.jsonl"
    raters = {rater["name"] for rater in said["raters"]}
    for file, columns in _decided(folder, text=bool(said["text"])):
        made = _records(folder / file)
        yield from _judged(file, made, columns, terms, said[file.removesuffix(".jsonl")])
        for place, row in enumerate(made, 1):
            if row.get("rater") not in raters:
                yield f"record {place} of {file} is of a rater who is not named"


def _decided(folder: Path, *, text: bool) -> Iterator[tuple[str, tuple[Column, ...]]]:
    """Yield the files of what raters decided, with their columns; older sets have but one."""
    yield "decisions.jsonl", columns_of(DECISIONS, text=text)
    if "judgements.jsonl" in listed_files(folder):
        yield "judgements.jsonl", columns_of(JUDGEMENTS, text=text)


def _deletions(folder: Path) -> Iterator[str]:
    deleted = set(json.loads((folder / DELETED).read_bytes())["issues"])
    files = ["failures.jsonl", *(file for file, _columns in _decided(folder, text=True))]
    for file in files:
        for place, row in enumerate(_records(folder / file), 1):
            about = {row.get(name) for name in ("issue", "first", "second")}
            if deleted & about and any(row.get(name) for name in WORDS):
                yield f"record {place} of {file} holds text of an issue that was deleted"


def _judged(
    file: str,
    rows: Sequence[Mapping[str, Any]],
    columns: tuple[Column, ...],
    terms: Mapping[Axis, Mapping[str, str]],
    expected: int,
) -> Iterator[str]:
    if len(rows) != expected:
        yield f"{file} holds {len(rows):,} records, {MARKER} says {expected:,}"
    names = [column.name for column in columns]
    for place, row in enumerate(rows, 1):
        if list(row) != names:
            yield f"record {place} of {file} has other columns than {', '.join(names)}"
            continue
        for column in columns:
            if not _fits(row[column.name], column, terms):
                yield f"record {place} of {file} holds no {column.kind.value} in {column.name}"


def _fits(value: Any, column: Column, terms: Mapping[Axis, Mapping[str, str]]) -> bool:
    if value is None:
        return not column.always
    if column.kind is Kind.INTEGER:
        return isinstance(value, int) and not isinstance(value, bool)
    if column.kind is Kind.BOOLEAN:
        return isinstance(value, bool)
    if column.kind is Kind.LIST:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if not isinstance(value, str):
        return False
    if column.kind is Kind.ADDRESS:
        return ISSUE.fullmatch(value) is not None
    if column.kind is Kind.DAY:
        return date.fromisoformat(value).isoformat() == value
    # A decision may name a term that a later codebook no longer has; a final label may not.
    final = column.code_of is not None and column.always
    return not final or value in terms.get(column.code_of or Axis.STAGE, {})


def _terms(folder: Path) -> dict[Axis, dict[str, str]]:
    found: dict[Axis, dict[str, str]] = {axis: {} for axis in Axis}
    for term in json.loads((folder / "codebook.json").read_bytes())["terms"]:
        found[Axis(term["axis"])][term["code"]] = term["label"]
    return found


def _records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines() if line.strip()]


def _same_as_parquet(
    path: Path, rows: Sequence[Mapping[str, Any]], columns: tuple[Column, ...]
) -> bool:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path, partitioning=None)
    except pa.ArrowException:
        return False
    if table.column_names != [column.name for column in columns]:
        return False
    held = (
        {n: v.isoformat() if isinstance(v, date) else v for n, v in row.items()}
        for row in table.to_pylist()
    )
    return table.num_rows == len(rows) and all(
        a == dict(b) for a, b in zip(held, rows, strict=True)
    )


def _metadata(folder: Path) -> Iterator[str]:
    said = json.loads((folder / "croissant.json").read_bytes())
    if not set(CONFORMS_TO) <= set(said["conformsTo"]):
        yield "croissant.json does not conform to Croissant 1.1 with RAI 1.0"
    for key in RESPONSIBLE:
        if said.get(key) in (None, "", []):
            yield f"croissant.json lacks {key}"
    files: dict[str, Mapping[str, Any]] = {one["@id"]: one for one in said["distribution"]}
    for name, one in files.items():
        path = folder / name
        if name not in listed_files(folder) or not path.is_file():
            yield f"croissant.json describes {quoted(name)}, which is not there"
            continue
        data = path.read_bytes()
        if (one["sha256"], one["contentSize"]) != (
            hashlib.sha256(data).hexdigest(),
            f"{len(data)} B",
        ):
            yield f"croissant.json describes another {quoted(name)}"
    columns = {
        name: set(next(iter(_records(folder / name)), {})) for name in files if _is_lines(name)
    }
    for record_set in said["recordSet"]:
        for field in record_set["field"]:
            source = field.get("source")
            if source is None:
                continue
            there = columns.get(source["fileObject"]["@id"], set())
            if source["extract"]["column"] not in there:
                yield f"croissant.json takes {quoted(field['@id'])} from a column that is not there"


def _is_lines(name: str) -> bool:
    return name.endswith(".jsonl")


def _layout(folder: Path) -> Iterator[str]:
    labels = {
        row["issue"]: {axis: row[f"{axis.value}_label"] for axis in Axis}
        for row in _records(folder / "failures.jsonl")
    }
    seen = set()
    for path in sorted((folder / LAYOUT).rglob("*.json")):
        for record in json.loads(path.read_bytes()):
            seen.add(record["link"])
            carried = {axis: record[field] for axis, field in _LAYOUT_FIELDS.items()}
            if labels.get(record["link"]) != carried:
                yield f"{LAYOUT} labels {quoted(record['link'])} otherwise than failures.jsonl"
    missing = len(set(labels) - seen)
    if missing:
        yield f"{LAYOUT} lacks {missing} issues of failures.jsonl"
