"""How alike two groups' profiles are, against nulls in which they are the same."""

from collections.abc import Callable
from itertools import combinations
from math import comb
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from firstmile.statistics.contingency import fixed_margin_tables
from firstmile.statistics.similarity import (
    jensen_shannon,
    pearson,
    spearman,
    total_variation,
    total_variation_interval,
)
from firstmile.study.counts import Table
from firstmile.study.estimates import Estimate, estimate
from firstmile.study.settings import FloatArray, Settings

Counts = npt.NDArray[np.int64]
Measure = Callable[[FloatArray, FloatArray], FloatArray]

MEASURES: Final[dict[str, tuple[Measure, bool]]] = {
    "Pearson": (pearson, True),
    "Spearman": (spearman, True),
    "Jensen-Shannon": (jensen_shannon, False),
    "total variation": (total_variation, False),
}
"""Each measure, and whether larger means more alike."""


class Similarity(msgspec.Struct, frozen=True, kw_only=True):
    """One measure of one pair, beside its null of equal profiles.

    `null_low` to `null_high` holds the central part of the null; `p` is one-sided, the chance
    under the null of profiles at least as unlike; None where undefined.
    """

    measure: str
    value: float | None
    null_median: float | None
    null_low: float | None
    null_high: float | None
    p: float | None
    draws: int


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two groups compared over one axis.

    `level` says what was exchanged under the null: single failures, whole repositories, or
    clusters of duplicates. `left_out` is a category that was dropped, or None.
    `total_variation` carries an interval (failures only), for claims of similarity; it is None
    where a profile is empty.
    """

    axis: str
    first: str
    second: str
    n_first: float
    n_second: float
    level: str
    left_out: str | None
    measures: tuple[Similarity, ...]
    total_variation: Estimate | None

    def measure(self, name: str) -> Similarity:
        """Return one measure by name."""
        return next(item for item in self.measures if item.measure == name)


def compare_pair(
    table: Table, first: str, second: str, settings: Settings, *, left_out: str | None = None
) -> Pair:
    """Compare two rows of a table (groups x categories) with single failures exchanged.

    The null permutes group labels over the failures of both, which fixes both margins.
    """
    if left_out is not None:
        table = table.without_column(left_out)
    purpose = (table.rows, table.columns, first, second, left_out or "")
    both = np.rint(
        table.counts[[table.row_codes.index(first), table.row_codes.index(second)]]
    ).astype(np.int64)
    null = fixed_margin_tables(
        both,
        replicates=settings.permutations,
        generator=settings.generator("similarity", *purpose),
    )
    variation = None
    if both.sum(axis=1).all():
        interval = total_variation_interval(
            both[0],
            both[1],
            replicates=settings.bootstraps,
            generator=settings.generator("total variation", *purpose),
            confidence=settings.confidence,
        )
        variation = estimate(
            float(total_variation(both[0].astype(float), both[1].astype(float))), interval
        )
    return Pair(
        axis=table.columns,
        first=first,
        second=second,
        n_first=float(both[0].sum()),
        n_second=float(both[1].sum()),
        level="failure",
        left_out=left_out,
        measures=_measures(both, null, settings, exact=False),
        total_variation=variation,
    )


def compare_nested(
    table: Table, groups: dict[str, str], first: str, second: str, settings: Settings
) -> Pair | None:
    """Compare two groups with whole members exchanged (`table`: members x categories).

    `groups` names each member's group. All assignments of members to the two groups are
    enumerated where they are at most `settings.permutations`; None where a group has no member.
    """
    members = [m for m in table.row_codes if groups.get(m) in (first, second)]
    own = np.array([groups[m] == first for m in members])
    k, n = int(own.sum()), len(members)
    if k in (0, n):
        return None
    counts = np.rint(table.counts[[table.row_codes.index(m) for m in members]]).astype(np.int64)
    exact = comb(n, k) <= settings.permutations
    if exact:
        picks = np.zeros((comb(n, k), n), dtype=bool)
        for row, chosen in enumerate(combinations(range(n), k)):
            picks[row, list(chosen)] = True
    else:
        generator = settings.generator("nested", table.rows, table.columns, first, second)
        draws = np.broadcast_to(own, (settings.permutations, n))
        picks = generator.permuted(draws, axis=1)
    one = picks.astype(np.int64) @ counts
    null = np.stack([one, counts.sum(axis=0) - one], axis=1)
    observed = np.stack([counts[own].sum(axis=0), counts[~own].sum(axis=0)])
    return Pair(
        axis=table.columns,
        first=first,
        second=second,
        n_first=float(observed[0].sum()),
        n_second=float(observed[1].sum()),
        level=table.rows,
        left_out=None,
        measures=_measures(observed, null, settings, exact=exact),
        total_variation=None,
    )


def compare_clusters(
    axis: str, observed: Counts, null: Counts, first: str, second: str, settings: Settings
) -> Pair:
    """Compare two groups over an axis with whole clusters exchanged.

    `observed` holds what the clusters of first and second hold, (2, categories), and `null` the
    same after each exchange, (draws, 2, categories); both count a cluster that spans groups for
    one of them.
    """
    return Pair(
        axis=axis,
        first=first,
        second=second,
        n_first=float(observed[0].sum()),
        n_second=float(observed[1].sum()),
        level="cluster",
        left_out=None,
        measures=_measures(observed, null, settings, exact=False),
        total_variation=None,
    )


def _measures(
    observed: Counts, null: Counts, settings: Settings, *, exact: bool
) -> tuple[Similarity, ...]:
    tail = (1 - settings.confidence) / 2
    found = []
    for name, (function, alike_is_high) in MEASURES.items():
        value = float(function(observed[0].astype(float), observed[1].astype(float)))
        drawn = function(null[:, 0].astype(float), null[:, 1].astype(float))
        drawn = drawn[~np.isnan(drawn)]
        if np.isnan(value) or not len(drawn):
            found.append(
                Similarity(
                    measure=name,
                    value=None if np.isnan(value) else value,
                    null_median=None,
                    null_low=None,
                    null_high=None,
                    p=None,
                    draws=len(drawn),
                )
            )
            continue
        unlike = (drawn <= value + 1e-12) if alike_is_high else (drawn >= value - 1e-12)
        hits = int(unlike.sum())
        # The observed assignment is one of an exact enumeration, and is added to random draws.
        p = hits / len(drawn) if exact else (1 + hits) / (1 + len(drawn))
        low, middle, high = np.quantile(drawn, [tail, 0.5, 1 - tail])
        found.append(
            Similarity(
                measure=name,
                value=value,
                null_median=float(middle),
                null_low=float(low),
                null_high=float(high),
                p=p,
                draws=len(drawn),
            )
        )
    return tuple(found)
