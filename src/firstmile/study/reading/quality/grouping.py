"""Rules about series, versions, repositories and architectures, and how they hang together."""

from collections.abc import Mapping

import numpy as np

from firstmile.findings import Finding
from firstmile.study.failures import Column
from firstmile.study.reading.quality._verdicts import (
    SHOWN,
    doubtful,
    fine,
    listed,
    not_known,
    number,
)
from firstmile.study.reading.records import Records
from firstmile.study.reading.series import SERIES, series_of, series_of_repository
from firstmile.taxonomy import Taxonomy


def series_not_known(records: Records, taxonomy: Taxonomy) -> Finding:
    """The series of every record is known."""
    column = records.failures.columns.get("series")
    if column is None:
        return not_known("the source neither gives series nor names models of known ones")
    rows = np.flatnonzero(column.codes < 0)
    if not len(rows):
        return fine(f"the series of all {number(len(records), 'record')} is known")
    return doubtful(
        f"the series of {number(len(rows), 'record')} is not known; "
        "what is broken down by series leaves that out",
        (records.evidence(int(row), "no series") for row in rows[:SHOWN]),
    )


def series_contradicted(records: Records, taxonomy: Taxonomy) -> Finding:
    """Model and repository name the same series."""
    series = records.failures.columns.get("series")
    repository = records.failures.columns.get("repository")
    if series is None or repository is None:
        return not_known("the source does not give both series and repository")
    names = [None, *SERIES]
    own = np.array([names.index(series_of(name)) for name in (*series.categories, None)])
    other = np.array(
        [names.index(series_of_repository(name)) for name in (*repository.categories, None)]
    )
    first, second = own[series.codes], other[repository.codes]
    rows = np.flatnonzero((first != second) & (first > 0) & (second > 0))
    if not len(rows):
        return fine(f"repository and series agree in {number(len(records), 'record')}")
    return doubtful(
        f"{number(len(rows), 'record has', 'records have')} a series other than the one that "
        "the repository names",
        (
            records.evidence(
                int(row),
                f"{series.categories[series.codes[row]]} in "
                f"{repository.categories[repository.codes[row]]}",
            )
            for row in rows[:SHOWN]
        ),
    )


def one_series_only(records: Records, taxonomy: Taxonomy) -> Finding:
    """There are at least two series to compare."""
    column = records.failures.columns.get("series")
    if column is None:
        return not_known("the source neither gives series nor names models of known ones")
    present = _present(column)
    if len(present) > 1:
        return fine(f"{number(len(present), 'series', 'series')} can be compared")
    return doubtful(f"all records are of the series {present[0]}, so nothing can be compared")


def model_names_the_repository(records: Records, taxonomy: Taxonomy) -> Finding:
    """What is called the model says more than which repository the issue was filed in."""
    version = records.failures.columns.get("version")
    repository = records.failures.columns.get("repository")
    if version is None or repository is None:
        return not_known("the source does not give both version and repository")
    forward, backward = _values_of(version, repository), _values_of(repository, version)
    if len(forward) < 2 or any(len(v) > 1 for v in (*forward.values(), *backward.values())):
        return fine("versions and repositories are not the same thing under two names")
    same = [v for v, (r,) in forward.items() if r.rpartition("/")[2].casefold() == v.casefold()]
    return doubtful(
        f"each of {number(len(forward), 'version')} occurs in one repository and no other "
        f"({len(same)} bear its very name), so a version here is a repository, which may hold "
        "reports on several models",
        (
            records.evidence(_first(version, v), f"{v} = {r}")
            for v, (r,) in list(forward.items())[:SHOWN]
        ),
    )


def architecture_follows_repository(records: Records, taxonomy: Taxonomy) -> Finding:
    """Architecture varies within repositories, so that it can be told apart from them."""
    architecture = records.failures.columns.get("architecture")
    repository = records.failures.columns.get("repository")
    if architecture is None or repository is None:
        return not_known("the source does not give both architecture and repository")
    by_repository = _values_of(repository, architecture)
    if any(len(values) > 1 for values in by_repository.values()):
        return fine("architecture varies within repositories")
    where: dict[str, list[str]] = {}
    for name, (value,) in by_repository.items():
        where.setdefault(value, []).append(name)
    groups = "; ".join(f"{value}: {listed(names)}" for value, names in sorted(where.items()))
    return doubtful(
        f"the architecture follows from the repository alone in all of "
        f"{number(len(by_repository), 'repository', 'repositories')} ({groups}), so no effect "
        "of the one can be told apart from the other",
        (
            records.evidence(_first(architecture, value), f"{value}: {', '.join(names)}")
            for value, names in sorted(where.items())
        ),
    )


def _values_of(first: Column, second: Column) -> Mapping[str, tuple[str, ...]]:
    """Return the values of the second column that occur with each value of the first."""
    known = (first.codes >= 0) & (second.codes >= 0)
    pairs = set(zip(first.codes[known].tolist(), second.codes[known].tolist(), strict=True))
    found: dict[str, tuple[str, ...]] = {}
    for name, value in sorted(pairs):
        values = found.get(first.categories[name], ())
        found[first.categories[name]] = (*values, second.categories[value])
    return found


def _present(column: Column) -> list[str]:
    counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.categories))
    return [name for name, count in zip(column.categories, counts, strict=True) if count]


def _first(column: Column, value: str) -> int:
    return int(np.flatnonzero(column.codes == column.categories.index(value))[0])
