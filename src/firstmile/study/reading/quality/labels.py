"""Rules about symptoms, root causes and stages."""

from collections.abc import Iterator

import numpy as np

from firstmile.findings import Evidence, Finding
from firstmile.study.failures import Column
from firstmile.study.reading.quality._verdicts import SHOWN, doubtful, fine, number
from firstmile.study.reading.quoting import quoted
from firstmile.study.reading.records import LabelChange, LabelledFile, Records
from firstmile.taxonomy import Axis, Taxonomy, Term


def label_normalized(records: Records, taxonomy: Taxonomy) -> Finding | tuple[Finding, ...]:
    """Every label is written exactly as in the codebook."""
    changes: dict[tuple[Axis, str], list[tuple[LabelledFile, LabelChange]]] = {}
    for file in records.files:
        for change in file.changes:
            changes.setdefault((change.axis, change.written), []).append((file, change))
    if not changes:
        return fine(f"all labels of {number(len(records), 'record')} are the codebook's own")
    found = []
    for (axis, written), parts in sorted(changes.items())[:SHOWN]:
        count = sum(len(change.rows) for _, change in parts)
        first = parts[0][1]
        found.append(
            doubtful(
                f"the {_AXIS[axis]} {quoted(written)} of {number(count, 'record')} was read as "
                f"{quoted(first.label)} ({', '.join(first.rules)})",
                (
                    Evidence(text=quoted(written), file=file.name, record=int(row) + 1)
                    for file, change in parts
                    for row in change.rows
                ),
                remedy=f"write {quoted(first.label)} in the source",
            )
        )
    if len(changes) > SHOWN:
        rest = number(len(changes) - SHOWN, "more spelling")
        found.append(doubtful(f"{rest} of labels were normalized by the same rules"))
    return tuple(found)


def label_stops_early(records: Records, taxonomy: Taxonomy) -> Finding:
    """Every symptom and root cause is a leaf of the codebook."""
    evidence: list[Evidence] = []
    count = 0
    for axis in (Axis.SYMPTOM, Axis.CAUSE):
        column = records.failures.columns[f"{axis}_leaf"]
        leaves = {leaf.code for leaf in taxonomy.leaves(axis)}
        rows = _rows_with(column, [code for code in column.categories if code not in leaves])
        count += len(rows)
        evidence += [
            records.evidence(int(row), taxonomy.term(column.categories[column.codes[row]]).label)
            for row in rows[:SHOWN]
        ]
    if not count:
        return fine(f"the labels of {number(len(records), 'record')} go down to the leaves")
    return doubtful(
        f"{number(count, 'label stops', 'labels stop')} above the leaves of the codebook, so "
        "tables of leaves hold an entry for the inner term",
        evidence,
    )


def stage_contradicts_label(records: Records, taxonomy: Taxonomy) -> Finding:
    """No label names a stage other than the record's own."""
    stages = records.failures.columns["stage"]
    own = np.array(stages.categories)[stages.codes]
    evidence: list[tuple[int, Evidence]] = []
    count = looked = 0
    for axis in (Axis.SYMPTOM, Axis.CAUSE):
        column = records.failures.columns[f"{axis}_leaf"]
        for code in column.categories:
            stage = _stage_named(taxonomy.term(code), taxonomy)
            if stage is None:
                continue
            rows = _rows_with(column, [code])
            wrong = rows[own[rows] != stage]
            looked += len(rows)
            count += len(wrong)
            label = taxonomy.term(code).label
            evidence += [
                (int(r), records.evidence(int(r), f"{label}, stage {taxonomy.term(own[r]).label}"))
                for r in wrong[:SHOWN]
            ]
    if not count:
        return fine(f"the stage agrees with all {number(looked, 'label')} that name one")
    return doubtful(
        f"{count:,} of {number(looked, 'label')} that name a stage contradict the record's stage",
        (item for _, item in sorted(evidence, key=lambda pair: pair[0])),
        remedy="look at the issue again: either the label or the stage is wrong",
    )


def class_without_failures(records: Records, taxonomy: Taxonomy) -> Finding:
    """Every class of the codebook has failures."""
    empty = list(_empty_classes(records, taxonomy))
    if not empty:
        return fine(f"all classes of the codebook occur in {number(len(records), 'record')}")
    return doubtful(
        f"no failure among {number(len(records), 'record')} has the "
        f"{'class' if len(empty) == 1 else 'classes'} {', '.join(empty)}; "
        "tables leave them out of tests"
    )


_AXIS = {Axis.SYMPTOM: "symptom", Axis.CAUSE: "root cause", Axis.STAGE: "stage"}


def _empty_classes(records: Records, taxonomy: Taxonomy) -> Iterator[str]:
    for axis in Axis:
        column = records.failures.column(axis.value)
        if column is None:
            continue
        counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.categories))
        for code, count in zip(column.categories, counts, strict=True):
            if not count and not taxonomy.term(code).extension:
                yield f"{taxonomy.term(code).label} ({_AXIS[axis]})"


def _stage_named(term: Term, taxonomy: Taxonomy) -> str | None:
    """Return the stage that a term is marked with or that its name holds."""
    if term.stage is not None:
        return term.stage
    name = term.name.casefold()
    named = [s.code for s in taxonomy.of(Axis.STAGE) if s.label.casefold() in name]
    return named[0] if len(named) == 1 else None


def _rows_with(column: Column, codes: list[str]) -> np.ndarray:
    places = [place for place, code in enumerate(column.categories) if code in codes]
    return np.flatnonzero(np.isin(column.codes, places))
