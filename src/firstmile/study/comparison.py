"""Two labelled sets side by side, with tests: what drifted between them?"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np

import firstmile
from firstmile.errors import UserError
from firstmile.rendering.document import Document, Figure, Section
from firstmile.study.association import Association, associate
from firstmile.study.contrasts import (
    Contrast,
    contrast_grid,
    contrast_sentence,
    contrasts,
    corrected,
)
from firstmile.study.counts import Counts, NotKnown, RowCounts, Table
from firstmile.study.estimates import count_of, p_value, with_interval
from firstmile.study.failures import REQUIRED
from firstmile.study.names import dimension_name
from firstmile.study.origin import SourceFacts
from firstmile.study.pictures import contrast_figures, profile_figure
from firstmile.study.plain import plain
from firstmile.study.profiles import Pair, compare_pair
from firstmile.study.settings import Settings
from firstmile.taxonomy import Taxonomy, fingerprints

AXES: Final = ("symptom", "cause", "stage", "symptom_leaf", "cause_leaf")


MOST_NAMED: Final = 10
"""Terms that a sentence names one by one."""


class AxisDrift(msgspec.Struct, frozen=True, kw_only=True):
    """One axis of two sets: the test, the distance, and each category's change.

    `association` is None where all failures of both sets are of one category. Contrasts are the
    first set against the second, corrected (Holm) over the categories of the axis.
    """

    axis: str
    association: Association | None
    similarity: Pair
    contrasts: tuple[Contrast, ...]


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """Failures of an axis whose term the other set's codebook lacks: how many of each set."""

    axis: str
    first: int
    second: int


class Codebooks(msgspec.Struct, frozen=True, kw_only=True):
    """Two sets labelled by different codebooks: which, and what that leaves out.

    `reworded` are the codes that both have and whose label, definition or rules differ.
    """

    first: str
    second: str
    left_out: tuple[LeftOut, ...]
    reworded: tuple[str, ...]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Two sets compared; `missing` says which axes a source lacks.

    `shared_issues` counts issues that stand in both, None where a source names none: the tests
    treat the sets as independent, which they then are not. `identical` says that both hold the
    same issues with the same labels. `codebooks` is None where both sets are labelled by the same
    one.
    """

    first: str
    second: str
    first_total: int
    second_total: int
    margin: float
    level: float
    shared_issues: int | None
    axes: tuple[AxisDrift, ...]
    missing: tuple[str, ...]
    identical: bool = False
    codebooks: Codebooks | None = None

    def axis(self, name: str) -> AxisDrift:
        """Return one axis; KeyError where it could not be compared."""
        for drift in self.axes:
            if drift.axis == name:
                return drift
        raise KeyError(name)


def distinct_names(first: str, second: str) -> tuple[str, str]:
    """Return two names that differ: those of one name are told apart by their place."""
    return (first, second) if first != second else (f"{first} (first)", f"{second} (second)")


def compare(
    first: Counts, second: Counts, *, names: tuple[str, str], settings: Settings
) -> Comparison:
    """Compare two sets axis by axis; raises UserError where nothing can be compared."""
    drifts: list[AxisDrift] = []
    missing: list[str] = []
    both = _in_both(first.taxonomy, second.taxonomy)
    left_out: list[LeftOut] = []
    for axis in AXES:
        try:
            table = _joined(first, second, axis, names)
            if both is not None:
                table, dropped = _restricted(table, both)
                left_out.append(dropped)
        except NotKnown as reason:
            missing.append(f"{dimension_name(axis)}: {reason}")
            continue
        drifts.append(_drift(axis, table, names, settings))
    if not drifts and both is not None:
        raise UserError(
            "The two sets are labelled by different codebooks and share no term that both carry, "
            "so there is nothing to compare."
        )
    if not drifts:
        raise UserError("The two sets share no labelled axis, so there is nothing to compare.")
    return Comparison(
        first=names[0],
        second=names[1],
        first_total=first.total,
        second_total=second.total,
        margin=settings.margin,
        level=1 - settings.confidence,
        shared_issues=_shared_issues(first, second),
        axes=tuple(drifts),
        missing=tuple(missing),
        identical=both is None and _labels(first) == _labels(second) is not None,
        codebooks=None if both is None else _codebooks(first.taxonomy, second.taxonomy, left_out),
    )


def _in_both(first: Taxonomy, second: Taxonomy) -> frozenset[str] | None:
    """Return the codes that two codebooks share; None where they say the same."""
    one, other = fingerprints(first), fingerprints(second)
    return None if one == other else frozenset(one.keys() & other.keys())


def _restricted(table: Table, codes: frozenset[str]) -> tuple[Table, LeftOut]:
    """Keep the columns of some codes, and count what is left out; raises NotKnown."""
    keep = np.array([code in codes for code in table.column_codes], dtype=bool)
    gone = table.counts[:, ~keep].sum(axis=1)
    kept = table.counts[:, keep]
    if not kept.sum(axis=1).all():
        raise NotKnown("one of the sets has no failure with a term that both codebooks have")
    return (
        Table(
            rows=table.rows,
            columns=table.columns,
            row_codes=table.row_codes,
            column_codes=tuple(code for code in table.column_codes if code in codes),
            counts=kept,
        ),
        LeftOut(axis=table.columns, first=int(gone[0]), second=int(gone[1])),
    )


def _codebooks(first: Taxonomy, second: Taxonomy, left_out: Sequence[LeftOut]) -> Codebooks:
    one, other = fingerprints(first), fingerprints(second)
    return Codebooks(
        first=_called(first),
        second=_called(second),
        left_out=tuple(left_out),
        reworded=tuple(code for code in one if code in other and one[code] != other[code]),
    )


def _called(taxonomy: Taxonomy) -> str:
    if taxonomy.origin is None:
        return f"the codebook of firstmile, version {taxonomy.version}"
    return f"{taxonomy.origin.name}, version {taxonomy.version}"


def _labels(counts: Counts) -> list[tuple[str | None, ...]] | None:
    """Return each row's issue and labels, sorted; None where a row does not name its issue."""
    if not isinstance(counts, RowCounts):
        return None
    columns = [counts.failures.column(name) for name in ("issue", *REQUIRED)]
    if columns[0] is None or (columns[0].codes < 0).any():
        return None
    values = [column.values() for column in columns if column is not None]
    return sorted(zip(*values, strict=True), key=repr)


def _shared_issues(first: Counts, second: Counts) -> int | None:
    named = []
    for side in (first, second):
        column = side.failures.column("issue") if isinstance(side, RowCounts) else None
        if column is None:
            return None
        named.append({column.categories[code] for code in np.unique(column.codes) if code >= 0})
    return len(named[0] & named[1])


def _joined(first: Counts, second: Counts, axis: str, names: tuple[str, str]) -> Table:
    sides = [first.totals(axis), second.totals(axis)]
    codes = list(dict.fromkeys(code for side in sides for code in side.codes))
    counts = np.zeros((2, len(codes)), dtype=np.int64)
    for row, side in enumerate(sides):
        for code, count in zip(side.codes, side.counts, strict=True):
            counts[row, codes.index(code)] = round(float(count))
    return Table(
        rows="source", columns=axis, row_codes=names, column_codes=tuple(codes), counts=counts
    )


def _drift(axis: str, table: Table, names: tuple[str, str], settings: Settings) -> AxisDrift:
    try:
        association = associate(table.transposed(), settings, f"drift of {axis}")
    except NotKnown:
        association = None
    return AxisDrift(
        axis=axis,
        association=association,
        similarity=compare_pair(table, names[0], names[1], settings),
        contrasts=corrected(contrasts(table, names[0], names[1], settings), settings),
    )


def sentences(result: Comparison) -> tuple[str, ...]:
    """Say whether each axis drifted, and which categories changed."""
    spoken = [
        f"Failures compared: {count_of(result.first_total)} ({result.first}) and "
        f"{count_of(result.second_total)} ({result.second})."
    ]
    if result.identical:
        return (
            *spoken,
            "Both hold the same issues with the same labels, so nothing differs and no test has "
            "anything to say: compare one of them with another set, or with itself at another "
            "time.",
        )
    if result.shared_issues:
        spoken.append(
            f"{count_of(result.shared_issues)} issues stand in both, so the two are not "
            "independent: real differences are larger than these tests can show, and likeness is "
            "partly sameness."
        )
    if result.codebooks is not None:
        spoken += _codebook_sentences(result, result.codebooks)
    for drift in result.axes:
        spoken.append(_axis_sentence(result, drift))
        spoken += [contrast_sentence(item) for item in drift.contrasts if item.holds]
    return (*spoken, *(f"Not compared: {reason}." for reason in result.missing))


def _codebook_sentences(result: Comparison, found: Codebooks) -> list[str]:
    """Say that the codebooks differ, what is not compared, and which terms read differently."""
    spoken = [
        f"The two sets are labelled by different codebooks, {result.first} by {found.first} and "
        f"{result.second} by {found.second}: compared is what both have."
    ]
    parts = [
        f"{dimension_name(one.axis)}: {count_of(one.first)} of {result.first} and "
        f"{count_of(one.second)} of {result.second}"
        for one in found.left_out
        if one.first or one.second
    ]
    if parts:
        spoken.append(f"Failures left out, with a term that one of them lacks: {'; '.join(parts)}.")
    if found.reworded:
        named = ", ".join(found.reworded[:MOST_NAMED])
        more = len(found.reworded) - MOST_NAMED
        spoken.append(
            f"These terms read differently in the two, so a change may be one of words: {named}"
            f"{f' and {more} more' if more > 0 else ''}."
        )
    return spoken


def _axis_sentence(result: Comparison, drift: AxisDrift) -> str:
    name = dimension_name(drift.axis, plural=True)
    variation = drift.similarity.total_variation
    if drift.association is None or variation is None:
        return f"All failures of both are of one kind of {dimension_name(drift.axis)}."
    p = drift.association.decisive_p
    differ = p < result.level
    single = any(item.holds for item in drift.contrasts)
    seen = with_interval(variation, decimals=3)
    if variation.high is not None and variation.high <= result.margin:
        how_far = (
            f"{seen}, so what differs is smaller than the margin of {result.margin:.2f}"
            if differ or single
            else f"{seen}, so they are alike by the margin of {result.margin:.2f}"
        )
    elif variation.low is not None and variation.low > result.margin:
        how_far = f"{seen}, beyond the margin of {result.margin:.2f}"
    else:
        how_far = f"{seen}, neither inside nor wholly outside the margin of {result.margin:.2f}"
    return f"{_told_apart(name, _p(p, result.level), differ, single)} Total variation: {how_far}."


def _told_apart(name: str, p: str, differ: bool, single: bool) -> str:
    """Say whether an axis differs as a whole, and where its single terms say otherwise."""
    if differ:
        rest = (
            "" if single else ", though no single one of them does once corrected for their number"
        )
        return f"The {name} differ ({p}){rest}."
    if single:
        return (
            f"Tested as a whole the {name} cannot be told apart ({p}), but single ones of them "
            "differ also when corrected for their number."
        )
    return f"The {name} cannot be told apart ({p})."


def _p(value: float, level: float) -> str:
    """Write a p value so that it lies on its own side of the level when it is rounded."""
    if round(value, 3) == round(level, 3):
        return f"p {'<' if value < level else '>'} {level:g}".replace(" 0.", " .")
    return p_value(value)


def document(result: Comparison) -> Document:
    """Lay a comparison out as a report."""
    return Document(
        title=f"{result.first} and {result.second}",
        subtitle="Two sets of labelled failures compared",
        summary=sentences(result),
        facts=(
            (result.first, count_of(result.first_total)),
            (result.second, count_of(result.second_total)),
            ("firstmile", firstmile.__version__),
        ),
        sections=tuple(_section(result, drift) for drift in result.axes),
    )


def _section(result: Comparison, drift: AxisDrift) -> Section:
    slug = drift.axis.replace("_", "-")
    figures: tuple[Figure, ...] = ()
    if drift.association is not None and drift.axis in ("symptom", "cause"):
        figures = (
            profile_figure(drift.association, f"{slug}-drift"),
            *contrast_figures(f"{slug}-drift-shares", "Shares by source", drift.contrasts),
        )
    return Section(
        id=slug,
        heading=dimension_name(drift.axis, plural=True).capitalize(),
        question=f"Did the {dimension_name(drift.axis, plural=True)} change?",
        sentences=(
            _axis_sentence(result, drift),
            *(contrast_sentence(i) for i in drift.contrasts if i.adjusted_p < result.level),
        ),
        figures=figures,
        grids=(
            contrast_grid(
                drift.contrasts,
                name=f"{slug}-drift",
                caption=f"Every {dimension_name(drift.axis)} in both sets",
                note="Difference: first named minus second named. p: Fisher's exact test, "
                "corrected by Holm. Intervals: Newcombe, corrected by Bonferroni, which asks for "
                "more; where the two part, p decides what the sentences say.",
            ),
        ),
    )


def data(result: Comparison, first: SourceFacts, second: SourceFacts) -> dict[str, Any]:
    """Return a comparison in plain form."""
    return {
        "schema_version": "1",
        "firstmile": firstmile.__version__,
        "first": plain(first),
        "second": plain(second),
        "comparison": plain(result),
    }
