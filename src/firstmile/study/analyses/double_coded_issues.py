"""Do the main effects change when issues that count more than once are weighted or dropped?"""

from typing import Final

import msgspec
import numpy as np

from firstmile.rendering.document import Figure, Grid
from firstmile.statistics.contingency import chi_square_statistics, corrected_cramers_v
from firstmile.study.analysis import Chapter, Example
from firstmile.study.clusters import cluster_of_rows, cluster_sizes
from firstmile.study.counts import Counts, NotKnown, RowCounts
from firstmile.study.estimates import count_of
from firstmile.study.names import dimension_name
from firstmile.study.settings import Settings
from firstmile.study.worked import rows

HEADING: Final = "Issues that count more than once"
CHAPTER: Final = Chapter.ROBUSTNESS
PLACE: Final = 1

CROSSINGS: Final = (
    ("symptom", "cause"),
    ("series", "symptom"),
    ("series", "cause"),
    ("stage", "symptom"),
    ("stage", "cause"),
)
HANDLINGS: Final = ("as published", "weighted", "dropped")


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """One association under one way of handling rows that share a cluster.

    `corrected_v` is None where the table is too small for the correction.
    """

    rows: str
    columns: str
    handling: str
    n: float
    chi_square: float
    corrected_v: float | None


class DoubleCodedIssues(msgspec.Struct, frozen=True, kw_only=True):
    """Effects as published, with clusters weighted to one, and with clusters dropped.

    `differing_rows` counts rows whose cluster carries more than one symptom, cause or stage.
    """

    rows: int
    clusters: int
    shared_rows: int
    differing_rows: int
    effects: tuple[Effect, ...]
    largest_change: float


def compute(counts: Counts, settings: Settings) -> DoubleCodedIssues:
    """Compute the main effects under each handling; needs the rows."""
    if not isinstance(counts, RowCounts):
        raise NotKnown("needs the rows: which of them report the same issue is in no table")
    failures = counts.failures
    clusters = cluster_of_rows(failures)
    sizes = cluster_sizes(clusters)
    ways = {
        "as published": counts,
        "weighted": RowCounts(failures, weights=1.0 / sizes),
        "dropped": RowCounts(failures.take(sizes == 1)),
    }
    effects = []
    for first, second in CROSSINGS:
        for handling in HANDLINGS:
            try:
                table = ways[handling].table(first, second).without_empty()
            except NotKnown:
                continue
            if min(table.counts.shape) > 1:
                corrected = float(corrected_cramers_v(table.counts))
                effects.append(
                    Effect(
                        rows=first,
                        columns=second,
                        handling=handling,
                        n=table.total,
                        chi_square=float(chi_square_statistics(table.counts)),
                        corrected_v=None if np.isnan(corrected) else corrected,
                    )
                )
    return DoubleCodedIssues(
        rows=len(failures),
        clusters=int(clusters.max()) + 1,
        shared_rows=int((sizes > 1).sum()),
        differing_rows=_differing(counts, clusters, sizes),
        effects=tuple(effects),
        largest_change=_largest_change(effects),
    )


def _differing(counts: RowCounts, clusters: np.ndarray, sizes: np.ndarray) -> int:
    columns = counts.failures.columns
    labels = np.stack(
        [clusters, *(columns[name].codes for name in ("symptom_leaf", "cause_leaf", "stage"))]
    )
    kinds = np.unique(labels, axis=1)
    variants = np.bincount(kinds[0])[clusters]
    return int(((variants > 1) & (sizes > 1)).sum())


def _largest_change(effects: list[Effect]) -> float:
    base = {(e.rows, e.columns): e.corrected_v for e in effects if e.handling == HANDLINGS[0]}
    pairs = [(e.corrected_v, base[e.rows, e.columns]) for e in effects]
    changes = [abs(one - two) for one, two in pairs if one is not None and two is not None]
    return max(changes, default=0.0)


def sentences(result: DoubleCodedIssues) -> tuple[str, ...]:
    """Say how many rows share an issue, and how much it matters."""
    if not result.shared_rows:
        return (f"No two of the {count_of(result.rows)} rows report the same issue.",)
    return (
        f"{count_of(result.shared_rows)} of {count_of(result.rows)} rows share their issue or "
        f"group of duplicates with another, and {count_of(result.differing_rows)} of them carry "
        "labels that differ within it.",
        "Weighting each group to one, or dropping such rows, changes no bias-corrected Cramer's V "
        f"by more than {result.largest_change:.3f}.",
    )


def grids(result: DoubleCodedIssues) -> tuple[Grid, ...]:
    """Return every effect under every handling."""
    return (
        Grid(
            id="double-coded-issues",
            caption="Main effects when issues count once",
            header=(
                "Rows",
                "Columns",
                "Handling",
                "n",
                "Chi-square",
                "Bias-corrected V",
            ),
            rows=tuple(
                (
                    dimension_name(e.rows),
                    dimension_name(e.columns),
                    e.handling,
                    e.n,
                    e.chi_square,
                    e.corrected_v,
                )
                for e in result.effects
            ),
            decimals={3: 0, 4: 2, 5: 3},
        ),
    )


def figures(_result: DoubleCodedIssues) -> tuple[Figure, ...]:
    """Draw nothing: the numbers hardly differ."""
    return ()


EXAMPLE: Final = Example(
    counts=rows(
        ("crash/process-killed", "hardware/cpu-memory", "inference", 1),
        ("crash/process-killed", "tokenizer/file", "inference", 1),
        ("loading/tokenizer", "tokenizer/file", "fine-tuning", 1),
        issue=("one", "one", "two"),
    ),
    check=lambda result: (
        (result.rows, result.clusters, result.shared_rows, result.differing_rows) == (3, 2, 2, 2)
        and [e.n for e in result.effects if e.rows == "stage" and e.columns == "cause"] == [3, 2]
    ),
)
