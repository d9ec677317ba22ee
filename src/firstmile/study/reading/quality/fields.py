"""Rules about the fields beside the labels."""

from typing import Final

import numpy as np

from firstmile.findings import Evidence, Finding
from firstmile.study.failures import OPTIONAL, Column
from firstmile.study.reading.mapping import BESIDE, NUMBER, ROLES
from firstmile.study.reading.quality._verdicts import (
    SHOWN,
    doubtful,
    fine,
    listed,
    not_known,
    number,
)
from firstmile.study.reading.quoting import invisible, quoted
from firstmile.study.reading.records import Records
from firstmile.taxonomy import Taxonomy

_OWN: Final = frozenset({"symptom_label", "cause_label", "decided_by"})
"""Columns by which a set that firstmile published is known."""

_STATUS: Final = ("open", "closed")


def field_missing(records: Records, taxonomy: Taxonomy) -> Finding:
    """Every field that a file has is filled in every record."""
    evidence: list[Evidence] = []
    count = looked = 0
    for file in records.files:
        for role, column in file.raw.columns.items():
            if role == "cluster":  # an issue without a group is one without duplicates
                continue
            rows = np.flatnonzero(column.codes < 0)
            looked += 1
            count += len(rows)
            evidence += [
                Evidence(text=f"no {file.raw.fields[role]}", file=file.name, record=int(row) + 1)
                for row in rows[:SHOWN]
            ]
        if file.raw.created is not None:
            rows = np.flatnonzero(np.isnat(file.raw.created))
            looked, count = looked + 1, count + len(rows)
            evidence += [
                Evidence(text="no date", file=file.name, record=int(row) + 1)
                for row in rows[:SHOWN]
            ]
    if not count:
        return fine(
            f"nothing is missing in {number(looked, 'column')} of {number(len(records), 'record')}"
        )
    return doubtful(
        f"{number(count, 'value is', 'values are')} missing in optional fields of "
        f"{number(len(records), 'record')}; such records are left out of the tables that need them",
        evidence,
    )


def line_break_in_a_value(records: Records, taxonomy: Taxonomy) -> Finding:
    """No value of a CSV runs over several lines."""
    files = [file for file in records.files if file.raw.broken is not None]
    if not files:
        return not_known("no file of the source is a CSV")
    evidence = [
        Evidence(text="a value over several lines", file=file.name, record=int(record))
        for file in files
        if file.raw.broken is not None
        for record in file.raw.broken[:SHOWN]
    ]
    if not evidence:
        return fine(f"every value of {number(len(files), 'CSV file')} stands on one line")
    count = sum(len(file.raw.broken) for file in files if file.raw.broken is not None)
    return doubtful(
        f"{number(count, 'record holds', 'records hold')} a value over several lines; where that "
        "is not meant, a quotation mark was not closed",
        evidence,
    )


def column_absent(records: Records, taxonomy: Taxonomy) -> Finding:
    """Every file has all columns that another file of the source has."""
    columns = [set(file.failures.columns) for file in records.files]
    absent = [
        f"{file.name} has no {', '.join(sorted(set().union(*columns) - own))}"
        for file, own in zip(records.files, columns, strict=True)
        if set().union(*columns) - own
    ]
    if not absent:
        return fine(f"the columns of {number(len(records.files), 'file')} agree")
    return doubtful(listed(absent))


def dimension_not_known(records: Records, taxonomy: Taxonomy) -> Finding:
    """The source says everything of its records that the study can use."""
    known = set(records.failures.columns)
    absent = [name for name in OPTIONAL if name not in known and name != "cluster"]
    if records.failures.created is None:
        absent.append("date of creation")
    if not absent:
        return fine("series, version, repository, architecture, status and dates are known")
    return not_known(
        f"the source does not give: {', '.join(absent)}; what is broken down by it says so"
    )


def column_not_read(records: Records, taxonomy: Taxonomy) -> Finding:
    """Every column of the source is read, but those that firstmile wrote for other readers."""
    unread: dict[str, list[str]] = {}
    beside = 0
    for file in records.files:
        own = _OWN.issubset(file.raw.unread)
        for column in file.raw.unread:
            if own and column in (*BESIDE, *ROLES, "duplicate_group"):
                beside += 1
            else:
                unread.setdefault(column, []).append(file.name)
    if not unread:
        rest = f", but {beside:,} that firstmile left empty or that no table needs"
        return fine(
            f"all columns of {number(len(records.files), 'file')} were read{rest if beside else ''}"
        )
    names = [quoted(name) for name in unread]
    return doubtful(
        f"{number(len(names), 'column was', 'columns were')} not read, having no role in the "
        f"study: {listed(names)}",
        (Evidence(text=column, file=files[0]) for column, files in unread.items()),
    )


def value_spelled_variously(records: Records, taxonomy: Taxonomy) -> Finding:
    """No two values of a field differ only in letter case or white space."""
    told: list[str] = []
    looked = 0
    for name in ("series", "version", "repository", "architecture", "status"):
        column = records.failures.columns.get(name)
        if column is None:
            continue
        looked += 1
        spellings: dict[str, list[str]] = {}
        for value in column.categories:
            spellings.setdefault(" ".join(value.casefold().split()), []).append(value)
        told += [
            f"{name}: {', '.join(quoted(value) for value in values)}"
            for values in spellings.values()
            if len(values) > 1
        ]
    if not told:
        return fine(f"every value is spelled in one way ({number(looked, 'field')} looked at)")
    return doubtful(
        "values that differ only in letter case or white space are counted apart: " + listed(told),
        remedy="spell them in one way in the source",
    )


def invisible_characters(records: Records, taxonomy: Taxonomy) -> Finding:
    """No field holds control characters, escapes or direction marks."""
    found = [
        (file, column, place)
        for file in records.files
        for role, column in file.raw.columns.items()
        if role != NUMBER and not "".join(column.categories).isprintable()
        for place, value in enumerate(column.categories)
        if invisible(value)
    ]
    if not found:
        return fine(f"no unseen characters in the fields of {number(len(records), 'record')}")
    return doubtful(
        f"{number(len(found), 'value holds', 'values hold')} control characters, escapes or "
        "direction marks, which are shown as such",
        (
            Evidence(
                text=quoted(column.categories[place]),
                file=file.name,
                record=int(np.argmax(column.codes == place)) + 1,
            )
            for file, column, place in found
        ),
    )


def status_not_known(records: Records, taxonomy: Taxonomy) -> Finding:
    """Every status is open or closed."""
    column = records.failures.columns.get("status")
    if column is None:
        return not_known("the source does not say whether its issues are open or closed")
    strange = [
        place for place, value in enumerate(column.categories) if value.casefold() not in _STATUS
    ]
    rows = np.flatnonzero(np.isin(column.codes, strange))
    if not len(rows):
        return fine(f"the status of {number(len(records), 'record')} is open or closed")
    return doubtful(
        f"{number(len(rows), 'record has', 'records have')} a status other than open or closed",
        (records.evidence(int(r), column.categories[column.codes[r]]) for r in rows[:SHOWN]),
    )


def closed_is_not_resolved(records: Records, taxonomy: Taxonomy) -> Finding:
    """The status says whether an issue was resolved."""
    column = records.failures.columns.get("status")
    if column is None:
        return not_known("the source does not say whether its issues are open or closed")
    totals = _totals(column)
    count = {name: sum(n for v, n in totals.items() if v.casefold() == name) for name in _STATUS}
    if not count["closed"] or {v.casefold() for v, n in totals.items() if n} - set(_STATUS):
        return fine("the status tells more than open and closed, or nothing is closed")
    return doubtful(
        f"{count['closed']:,} of {number(len(records), 'record')} are closed and "
        f"{count['open']:,} open, which does not say what was resolved: projects also close "
        "stale and unanswered issues"
    )


def _totals(column: Column) -> dict[str, int]:
    counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.categories))
    return dict(zip(column.categories, counts.tolist(), strict=True))
