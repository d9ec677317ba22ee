"""Rows that report the same thing: double-coded issues and groups of duplicates."""

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from firstmile.study.counts import NotKnown
from firstmile.study.failures import Failures
from firstmile.study.settings import Settings

IntArray = npt.NDArray[np.int64]

WORK: Final = 40_000_000
"""Rows times draws in one exchange of clusters, at most: a million rows stay within seconds."""
FEWEST_DRAWS: Final = 99


def cluster_of_rows(failures: Failures) -> IntArray:
    """Return for each row the number of its cluster, 0 to k - 1.

    Rows share a cluster when they share an issue or a duplicate group, directly or through other
    rows; a row that names neither is a cluster of its own. Clusters are numbered by what they
    hold, so that the order of the rows changes nothing. Raises NotKnown where the source has
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
    clusters = np.unique(found, return_inverse=True)[1].astype(np.int64)
    return _numbered_by_content(failures, clusters)


def cluster_sizes(clusters: IntArray) -> IntArray:
    """Return for each row how many rows its cluster has."""
    return np.bincount(clusters)[clusters].astype(np.int64)


def exchanged_tables(
    failures: Failures, groups: str, axes: tuple[str, ...], settings: Settings
) -> list[IntArray]:
    """Exchange group labels over whole clusters and count again.

    Returns for each axis an array (draws, groups, categories). A cluster that spans groups
    counts for the first of them in category order. The number of draws is
    `settings.permutations`, or less where the rows are many (see WORK). Raises NotKnown where
    clusters or groups are not known.
    """
    column = failures.column(groups)
    if column is None:
        raise NotKnown(f"the source has no {groups} of its failures")
    clusters = cluster_of_rows(failures)
    labels = np.full(int(clusters.max()) + 1, len(column.categories), dtype=np.int64)
    known = column.codes >= 0
    np.minimum.at(labels, clusters[known], column.codes[known])
    labels.sort()
    draws = int(np.clip(WORK // max(len(failures), 1), FEWEST_DRAWS, settings.permutations))
    generator = settings.generator("clusters", groups)
    rows = len(column.categories) + 1
    held, tables = [], []
    for axis in axes:
        one = failures.column(axis)
        width = 0 if one is None else len(one.categories)
        tables.append(np.zeros((draws, rows, width), dtype=np.int64))
        if one is not None:
            labelled = one.codes >= 0
            held.append((tables[-1], clusters[labelled], one.codes[labelled], width))
    for draw in range(draws):
        drawn = generator.permutation(labels)
        for table, where, codes, width in held:
            joint = drawn[where] * width + codes
            table[draw] = np.bincount(joint, minlength=rows * width).reshape(rows, width)
    return [table[:, :-1] for table in tables]


def _numbered_by_content(failures: Failures, clusters: IntArray) -> IntArray:
    """Renumber clusters by the labels that their rows carry, whatever the order of the rows.

    Clusters that hold the same labels are interchangeable, so their order does not matter. The
    key of a cluster is the sum of its rows' mixed labels (a commutative hash; the mixing
    constant is the 64-bit golden ratio of Steele et al. 2014, SplitMix).
    """
    label = np.zeros(len(clusters), dtype=np.uint64)
    for name in ("symptom_leaf", "cause_leaf", "stage"):
        column = failures.columns[name]
        label = label * np.uint64(len(column.categories) + 1) + (column.codes + 1).astype(np.uint64)
    mixed = (label + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    order = np.argsort(clusters, kind="stable")
    starts = np.flatnonzero(np.diff(clusters[order], prepend=-1))
    keys = np.add.reduceat(mixed[order], starts)
    place = np.empty(len(keys), dtype=np.int64)
    place[np.argsort(keys, kind="stable")] = np.arange(len(keys))
    return place[clusters]
