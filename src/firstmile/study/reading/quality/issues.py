"""Rules about which issues the records come from."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from firstmile.findings import Evidence, Finding
from firstmile.study.failures import Column
from firstmile.study.reading.links import RENAMED
from firstmile.study.reading.mapping import DECIDED_BY
from firstmile.study.reading.quality._verdicts import SHOWN, doubtful, fine, not_known, number
from firstmile.study.reading.raters import rater_column
from firstmile.study.reading.records import Records, Rows
from firstmile.taxonomy import Taxonomy

_LABELS: Final = ("symptom_leaf", "cause_leaf", "stage")


def issue_labelled_twice(records: Records, taxonomy: Taxonomy) -> Finding:
    """No issue has two records with different labels."""
    issue = records.failures.columns.get("issue")
    if issue is None:
        return not_known("the source does not name the issues of its records")
    issues, rows = _repeated(records, issue, differing=True)
    known = int((issue.codes >= 0).sum())
    if not issues:
        return fine(f"no issue carries different labels among {number(known, 'record')}")
    return doubtful(
        f"{number(issues, 'issue stands', 'issues stand')} in several records with different "
        f"labels ({len(rows):,} of {number(known, 'record')}): {_what_differs(records, issue)}",
        (records.evidence(int(row), _labels(records, issue, int(row))) for row in rows[:SHOWN]),
        remedy="count each of them once, or give each record an equal share of the weight",
    )


def record_repeated(records: Records, taxonomy: Taxonomy) -> Finding:
    """No record stands there twice with the same issue and the same labels."""
    issue = records.failures.columns.get("issue")
    if issue is None:
        return not_known("the source does not name the issues of its records")
    issues, rows = _repeated(records, issue, differing=False)
    known = int((issue.codes >= 0).sum())
    if not issues:
        return fine(f"no issue stands twice with the same labels among {number(known, 'record')}")
    return doubtful(
        f"{number(issues, 'issue stands', 'issues stand')} in several records with the same labels "
        f"({len(rows):,} of {number(known, 'record')})",
        (records.evidence(int(row), _labels(records, issue, int(row))) for row in rows[:SHOWN]),
        remedy="take the repetitions out of the source",
    )


def label_of_one_rater(records: Records, taxonomy: Taxonomy) -> Finding:
    """The labels are those that raters agreed on, or the source says how each was decided."""
    named = [
        (file.name, column)
        for file in records.files
        if (column := rater_column(file.raw)) is not None
    ]
    if named:
        rows = sum(len(file.raw) for file in records.files if rater_column(file.raw) is not None)
        return doubtful(
            f"{number(rows, 'record carries', 'records carry')} the labels of one rater each, and "
            "whether another one would agree is not known",
            (Evidence(text=column, file=name) for name, column in named),
            remedy="give the labels that the raters agreed on, or say that one rater labelled",
        )
    if all(DECIDED_BY in file.raw.unread for file in records.files):
        return fine(f"{DECIDED_BY} says how each of {number(len(records), 'record')} was decided")
    return not_known("the source does not say who labelled its records")


def duplicates_not_known(records: Records, taxonomy: Taxonomy) -> Finding:
    """The source says which issues report the same failure, and those agree in their labels."""
    cluster = records.failures.columns.get("cluster")
    if cluster is None:
        return not_known(
            "the source does not say which issues report the same failure, so records are "
            "counted as independent though some may not be"
        )
    clusters, rows = _repeated(records, cluster, differing=True)
    known = int((cluster.codes >= 0).sum())
    if not clusters:
        return fine(f"duplicates agree in their labels among {number(known, 'record')}")
    return doubtful(
        f"different labels in {number(clusters, 'group')} of duplicate reports "
        f"({number(len(rows), 'record')})",
        (records.evidence(int(row), _labels(records, cluster, int(row))) for row in rows[:SHOWN]),
    )


def link_rewritten(records: Records, taxonomy: Taxonomy) -> Finding:
    """Every link is the plain address of an issue."""
    if "issue" not in records.failures.columns:
        return not_known("the source does not name the issues of its records")
    rows = records.rows_of([file.rewritten for file in records.files])
    if not len(rows):
        return fine(f"no link of {number(len(records), 'record')} had to be corrected")
    return doubtful(
        f"{number(len(rows), 'link was', 'links were')} brought into the form "
        "https://github.com/owner/name/issues/number",
        (records.evidence(int(row), _written_link(records, int(row))) for row in rows[:SHOWN]),
    )


def link_names_no_issue(records: Records, taxonomy: Taxonomy) -> Finding:
    """Every link leads to an issue on GitHub."""
    if "issue" not in records.failures.columns:
        return not_known("the source does not name the issues of its records")
    rows = records.rows_of([file.no_issue for file in records.files])
    if not len(rows):
        return fine(f"all links of {number(len(records), 'record')} name an issue on GitHub")
    return doubtful(
        f"{number(len(rows), 'link names', 'links name')} no issue on GitHub, so the repository "
        "is not known from there",
        (records.evidence(int(row), _written_link(records, int(row))) for row in rows[:SHOWN]),
    )


def repository_renamed(records: Records, taxonomy: Taxonomy) -> Finding:
    """Every repository is named as it is named today."""
    column = records.failures.columns.get("repository")
    if column is None:
        return not_known("the source does not name the repositories of its records")
    today = {old.casefold(): (old, new) for old, new in RENAMED.items()}
    present = {name.casefold() for name in column.categories}
    told, evidence = [], []
    for place, name in enumerate(column.categories):
        rows = np.flatnonzero(column.codes == place)
        if name.casefold() not in today or not len(rows):
            continue
        new = today[name.casefold()][1]
        both = " (which occurs as well)" if new.casefold() in present else ""
        told.append(f"{name} ({number(len(rows), 'record')}) is {new} today{both}")
        evidence.append(records.evidence(int(rows[0]), name))
    if not told:
        return fine(f"none of {number(len(present), 'repository', 'repositories')} is renamed")
    return doubtful(f"{'; '.join(told)}; old and new names are not merged", evidence)


def _what_differs(records: Records, group: Column) -> str:
    """Return in how many groups each of the labels differs."""
    counts = {
        axis: _repeated(records, group, differing=True, labels=(column,))[0]
        for axis, column in zip(("symptom", "root cause", "stage"), _LABELS, strict=True)
    }
    return ", ".join(f"the {axis} differs in {count:,}" for axis, count in counts.items())


def _repeated(
    records: Records, group: Column, *, differing: bool, labels: tuple[str, ...] = _LABELS
) -> tuple[int, Rows]:
    """Return how many groups have several records, and their rows in order of the groups.

    With `differing`, groups whose labels differ; otherwise rows whose labels occur twice in
    their group.
    """
    columns = records.failures.columns
    joint = np.zeros(len(records), dtype=np.int64)
    for name in labels:
        joint = joint * len(columns[name].categories) + columns[name].codes
    rows = np.flatnonzero(group.codes >= 0)
    width = int(joint.max(initial=0)) + 1
    pairs = group.codes[rows].astype(np.int64) * width + joint[rows]
    if differing:
        kinds = np.bincount(_distinct(pairs) // width, minlength=len(group.categories))
        chosen = rows[kinds[group.codes[rows]] > 1]
    else:
        _, inverse, times = np.unique(pairs, return_inverse=True, return_counts=True)
        chosen = rows[times[inverse] > 1]
    order = np.argsort(group.codes[chosen], kind="stable")
    return len(_distinct(group.codes[chosen])), chosen[order]


def _distinct(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return what occurs, sorted: for nearly distinct values faster than numpy's own way."""
    values = np.sort(values)
    return values[np.flatnonzero(np.diff(values, prepend=-1))]


def _labels(records: Records, group: Column, row: int) -> str:
    columns = records.failures.columns
    codes = [columns[name].categories[columns[name].codes[row]] for name in _LABELS]
    return f"{group.categories[group.codes[row]]}: {', '.join(codes)}"


def _written_link(records: Records, row: int) -> str:
    name, record = records.place(row)
    raw = next(file.raw for file in records.files if file.name == name)
    column = raw.columns["issue"]
    return column.categories[int(column.codes[record - 1])]
