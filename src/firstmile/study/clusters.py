"""Rows that report the same thing: double-coded issues and groups of duplicates."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from firstmile.statistics.contingency import fixed_margin_tables
from firstmile.study.counts import NotKnown
from firstmile.study.failures import Failures
from firstmile.study.settings import Settings

IntArray = npt.NDArray[np.int64]

WORK: Final = 1_000_000
"""Kinds of clusters times draws in one exchange, at most: it stays within seconds."""
FEWEST_DRAWS: Final = 99


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ClusterTable:
    """Clusters counted by group and kind; clusters of one kind hold the same labels.

    `counts` is (groups, kinds); `contents` has for each axis what a cluster of each kind holds,
    (kinds, categories).
    """

    counts: IntArray
    contents: tuple[IntArray, ...]


def cluster_of_rows(failures: Failures) -> IntArray:
    """Return for each row the number of its cluster, 0 to k - 1.

    Rows share a cluster when they share an issue or a duplicate group, directly or through other
    rows; a row that names neither is a cluster of its own. Raises NotKnown where the source has
    neither issues nor duplicate groups.
    """
    named = [c for c in map(failures.column, ("issue", "cluster")) if c is not None]
    if not named:
        raise NotKnown("the source names neither issues nor groups of duplicates")
    n = len(failures)
    size = n
    rows: list[IntArray] = []
    names: list[IntArray] = []
    for column in named:
        known = np.flatnonzero(column.codes >= 0)
        rows.append(known)
        names.append(size + column.codes[known].astype(np.int64))
        size += len(column.categories)
    ends = np.concatenate(rows), np.concatenate(names)
    links = coo_array((np.ones(len(ends[0]), dtype=np.int8), ends), shape=(size, size))
    found = connected_components(links, directed=False)[1][:n]
    return np.unique(found, return_inverse=True)[1].astype(np.int64)


def cluster_sizes(clusters: IntArray) -> IntArray:
    """Return for each row how many rows its cluster has."""
    return np.bincount(clusters)[clusters].astype(np.int64)


def cluster_table(failures: Failures, groups: str, axes: tuple[str, ...]) -> ClusterTable:
    """Count clusters by group and by what they hold; the order of the rows changes nothing.

    A cluster that spans groups counts for the first of them in category order, one without a
    group for none. Raises NotKnown where clusters or groups are not known.
    """
    column = failures.column(groups)
    if column is None:
        raise NotKnown(f"the source has no {groups} of its failures")
    held = [one for one in map(failures.column, axes) if one is not None]
    clusters = cluster_of_rows(failures)
    number = int(clusters.max()) + 1
    none = len(column.categories)
    group = np.full(number, none, dtype=np.int64)
    known = column.codes >= 0
    np.minimum.at(group, clusters[known], column.codes[known])

    widths = [len(one.categories) for one in held]
    label = np.zeros(len(clusters), dtype=np.int64)
    for one, width in zip(held, widths, strict=True):
        label = label * (width + 1) + one.codes + 1
    single = cluster_sizes(clusters) == 1
    labels, of_label = np.unique(label[single], return_inverse=True)
    shared, of_shared = np.unique(clusters[~single], return_inverse=True)
    joint = np.zeros((len(shared), sum(widths)), dtype=np.int64)
    kinds_of_singles = np.zeros((len(labels), sum(widths)), dtype=np.int64)
    start = 0
    for one, width in zip(held, widths, strict=True):
        own = one.codes[~single]
        np.add.at(joint, (of_shared[own >= 0], start + own[own >= 0]), 1)
        start += width
    rest, start = labels.copy(), sum(widths)
    for width in reversed(widths):
        rest, code = np.divmod(rest, width + 1)
        start -= width
        filled = np.flatnonzero(code > 0)
        kinds_of_singles[filled, start + code[filled] - 1] = 1
    kinds_of_shared, of_kind = np.unique(joint, axis=0, return_inverse=True)

    kind = np.empty(number, dtype=np.int64)
    kind[clusters[single]] = of_label
    kind[shared] = len(labels) + of_kind
    kinds = np.concatenate([kinds_of_singles, kinds_of_shared])
    counts = np.bincount(group * len(kinds) + kind, minlength=(none + 1) * len(kinds))
    ends = np.cumsum([0, *widths])
    return ClusterTable(
        counts=counts.reshape(none + 1, len(kinds))[:none].astype(np.int64),
        contents=tuple(kinds[:, a:b] for a, b in pairwise(ends.tolist())),
    )


def held_tables(table: ClusterTable, places: Sequence[int]) -> list[IntArray]:
    """Return for each axis what the clusters of some groups hold, (groups, categories)."""
    return [table.counts[list(places)] @ content for content in table.contents]


def exchanged_tables(
    table: ClusterTable, places: Sequence[int], settings: Settings
) -> list[IntArray]:
    """Exchange the labels of some groups over their whole clusters and count again.

    Returns for each axis an array (draws, groups, categories), groups as in `places`. The
    number of draws is `settings.permutations`, or less where clusters are of many kinds.
    """
    counts = table.counts[list(places)]
    filled = counts.sum(axis=0) > 0
    draws = int(np.clip(WORK // max(int(filled.sum()), 1), FEWEST_DRAWS, settings.permutations))
    drawn = fixed_margin_tables(
        counts[:, filled],
        replicates=draws,
        generator=settings.generator("clusters", *map(str, places)),
    )
    return [drawn @ content[filled] for content in table.contents]
