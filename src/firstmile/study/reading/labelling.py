"""Columns as written to labelled failures."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from firstmile.errors import UserError
from firstmile.study.failures import OPTIONAL, REQUIRED, Column, Failures, merge
from firstmile.study.reading.columns import blank, recoded, with_categories
from firstmile.study.reading.dates import read_days
from firstmile.study.reading.links import Links, read_links, repository_name
from firstmile.study.reading.normalization import Labels, Resolved, unknown_label
from firstmile.study.reading.quoting import quoted, shown
from firstmile.study.reading.records import Days, LabelChange, LabelledFile, RawFile, Rows
from firstmile.study.reading.series import series_of, series_of_repository
from firstmile.taxonomy import Axis, Taxonomy

_ENOUGH: Final = 100
"""Unknown labels after which no further ones are looked for."""

_COLUMN: Final = {Axis.SYMPTOM: "symptom_leaf", Axis.CAUSE: "cause_leaf", Axis.STAGE: "stage"}


def label_files(files: Sequence[RawFile], taxonomy: Taxonomy) -> tuple[LabelledFile, ...]:
    """Label files; raises UserError at the first record that cannot be used."""
    labels = {axis: Labels(taxonomy, axis) for axis in Axis}
    return tuple(_label_file(file, labels, taxonomy) for file in files)


def joined(files: Sequence[LabelledFile], taxonomy: Taxonomy) -> Failures:
    """Return the rows of all files; categories don't depend on the order of files or rows."""
    if len(files) == 1:
        return files[0].failures
    whole = merge([file.failures for file in files])
    columns = {name: _ordered(name, column, taxonomy) for name, column in whole.columns.items()}
    return Failures(columns=columns, created=whole.created, taxonomy=taxonomy)


def _label_file(raw: RawFile, labels: Mapping[Axis, Labels], taxonomy: Taxonomy) -> LabelledFile:
    columns: dict[str, Column] = {}
    changes: list[LabelChange] = []
    for axis in Axis:
        columns[_COLUMN[axis]], changed = _resolve(raw, labels[axis], axis, taxonomy)
        changes += changed
    issue = raw.columns.get("issue")
    links = read_links(issue.categories) if issue is not None else Links((), (), (), ())
    if issue is not None:
        columns["issue"] = (
            with_categories(issue, links.urls) if links.rewritten or links.no_issue else issue
        )
    for name in ("version", "architecture", "status", "cluster"):
        if name in raw.columns:
            columns[name] = raw.columns[name]
    columns |= _repositories(raw, links)
    columns |= _series(raw, columns)
    return LabelledFile(
        raw=raw,
        failures=Failures(
            columns={name: columns[name] for name in (*REQUIRED, *OPTIONAL) if name in columns},
            created=_created(raw),
            taxonomy=taxonomy,
        ),
        changes=tuple(changes),
        rewritten=_rows_of(issue, links.rewritten),
        no_issue=_rows_of(issue, links.no_issue),
    )


def _resolve(
    raw: RawFile, labels: Labels, axis: Axis, taxonomy: Taxonomy
) -> tuple[Column, list[LabelChange]]:
    column = raw.columns[axis.value]
    _require_values(raw, column, axis)
    found: dict[int, Resolved] = {}
    unknown: list[int] = []
    for place in _by_appearance(column):
        resolved = labels.resolve(column.categories[place])
        if resolved is None:
            unknown.append(place)
        else:
            found[place] = resolved
        if len(unknown) == _ENOUGH:
            break
    if unknown:
        raise _unknown(raw, labels, axis, unknown, taxonomy)
    names = column.categories
    changes = [
        LabelChange(
            axis=axis,
            written=names[place],
            label=resolved.term.label,
            rules=resolved.rules,
            rows=_rows_of(column, [place]),
        )
        for place, resolved in sorted(found.items())
        if resolved.rules
    ]
    codes = [found[place].term.code if place in found else None for place in range(len(names))]
    return with_categories(
        column, codes, order=_codes(axis, filter(None, codes), taxonomy)
    ), changes


def _unknown(
    raw: RawFile, labels: Labels, axis: Axis, unknown: Sequence[int], taxonomy: Taxonomy
) -> UserError:
    column = raw.columns[axis.value]
    rows = _rows_of(column, unknown)
    written = column.categories[column.codes[rows[0]]]
    place = f"Record {rows[0] + 1} of {shown(raw.read.name)}"
    most = "at least " if len(unknown) == _ENOUGH else ""
    more = f" ({most}{len(rows) - 1:,} more records hold unknown ones)" if len(rows) > 1 else ""
    return UserError(
        f"{unknown_label(labels, axis, written, place)}{more}; "
        f"correct it, or see {_where(taxonomy)} for the labels."
    )


def _where(taxonomy: Taxonomy) -> str:
    return "`firstmile taxonomy`" if taxonomy.origin is None else taxonomy.origin.file


def _codes(axis: Axis, used: Iterable[str], taxonomy: Taxonomy) -> tuple[str, ...]:
    """Return all leaves of an axis and the inner terms in use, in codebook order."""
    wanted = {term.code for term in taxonomy.leaves(axis)} | set(used)
    return tuple(term.code for term in taxonomy.of(axis) if term.code in wanted)


def _ordered(name: str, column: Column, taxonomy: Taxonomy) -> Column:
    axes = [axis for axis, of_axis in _COLUMN.items() if of_axis == name]
    order = _codes(axes[0], column.categories, taxonomy) if axes else ()
    return recoded(column, lambda category: category, order=order)


def _require_values(raw: RawFile, column: Column, axis: Axis) -> None:
    blanks = [place for place, text in enumerate(column.categories) if not text.strip()]
    missing = np.flatnonzero((column.codes < 0) | np.isin(column.codes, blanks))
    if len(missing):
        more = f" (nor have {len(missing) - 1:,} more records)" if len(missing) > 1 else ""
        raise UserError(
            f"Record {missing[0] + 1} of {shown(raw.read.name)} has no {axis.value} "
            f"in {quoted(raw.fields[axis.value])}{more}; fill it in, or take the record out."
        )


def _repositories(raw: RawFile, links: Links) -> dict[str, Column]:
    if "repository" in raw.columns:
        return {"repository": recoded(raw.columns["repository"], repository_name)}
    if "issue" in raw.columns and any(links.repositories):
        return {"repository": with_categories(raw.columns["issue"], links.repositories)}
    return {}


def _series(raw: RawFile, columns: Mapping[str, Column]) -> dict[str, Column]:
    """Return the series as given, or as the version, else the repository, else the file names."""
    if "series" in raw.columns:
        return {"series": raw.columns["series"]}
    known = series_of(raw.read.name) if raw.published else None
    series = blank(len(raw)) if known is None else Column((known,), np.zeros(len(raw), np.int32))
    for name, named in (("repository", series_of_repository), ("version", series_of)):
        if name in columns:
            series = _first_known(recoded(columns[name], named), series)
    return {"series": series} if (series.codes >= 0).any() else {}


def _first_known(first: Column, second: Column) -> Column:
    categories = (*first.categories, *second.categories)
    codes = np.where(
        first.codes >= 0,
        first.codes,
        np.where(second.codes >= 0, second.codes + len(first.categories), -1),
    )
    return with_categories(Column(categories, codes.astype(np.int32)), categories)


def _created(raw: RawFile) -> Days | None:
    column = raw.columns.get("created")
    if column is None:
        return raw.created
    days, wrong = read_days(column.categories)
    if wrong is not None:
        row = _rows_of(column, [wrong])[0]
        raise UserError(
            f"Record {row + 1} of {shown(raw.read.name)} has {quoted(column.categories[wrong])} "
            f"in {quoted(raw.fields['created'])}, which is no date; write 2024-05-31."
        )
    return np.append(days, np.datetime64("NaT", "D"))[column.codes]


def _by_appearance(column: Column) -> list[int]:
    """Return the places of the categories in use, in the order in which rows show them."""
    places, first = np.unique(column.codes, return_index=True)
    return [int(place) for place in places[np.argsort(first)] if place >= 0]


def _rows_of(column: Column | None, places: Sequence[int]) -> Rows:
    """Return the rows whose category stands at one of some places."""
    if column is None or not places:
        return np.empty(0, dtype=np.intp)
    chosen = np.zeros(len(column.categories) + 1, dtype=bool)
    chosen[list(places)] = True
    return np.flatnonzero(chosen[column.codes])
