"""Label noise on tables of counts: would a conclusion survive if some labels were wrong?

The labels at hand are noisy already, by an amount nobody knows. What is simulated here comes
on top, so it shows how a conclusion fares with more noise, never what it would be without.
Noise that hits the two axes of a table independently cannot create an association and can
only weaken the one that is there (the data processing inequality: Cover and Thomas 2006,
Elements of Information Theory, theorem 2.8.1). That holds for the table as a whole and in
expectation; a single replicate, or a single cell under uneven noise, can come out stronger.
"""

import numpy as np
import numpy.typing as npt

from firstmile.statistics.contingency import batches, whole_counts
from firstmile.statistics.intervals import FloatArray, IntArray

_ROUNDING = 1e-15
"""Probabilities up to this are what rounding leaves of a difference that is 0."""


def uniform_confusion(categories: int, *, rate: float) -> FloatArray:
    """Return the confusion (K, K) that keeps a label with probability 1 - `rate`.

    Otherwise any of the other categories takes its place, all alike. Row i holds the
    probabilities of what a label i becomes. A single category has no other and is always
    kept. Raises ValueError for a rate outside 0 and 1, and for no category.
    """
    if categories < 1:
        raise ValueError("a confusion needs at least one category")
    if not 0 <= rate <= 1:
        raise ValueError(f"a rate lies between 0 and 1, not at {rate}")
    if categories == 1:
        return np.ones((1, 1))
    confusion = np.full((categories, categories), rate / (categories - 1))
    np.fill_diagonal(confusion, 1 - rate)
    return confusion


def disagreement_confusion(matrix: npt.ArrayLike) -> FloatArray:
    """Return the confusion (K, K) that moves labels as often as two raters disagreed.

    The matrix (K, K) counts items by first and second rater. Neither is taken for the truth:
    it is added to its transpose, and row i of the result holds the shares of what either
    rater said where the other said i. A category that neither used is kept as it is. Raises
    ValueError for anything but a square matrix of counts.
    """
    counts = np.asarray(matrix, dtype=np.float64)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or counts.size == 0:
        raise ValueError(f"expected a square matrix of counts, not one of shape {counts.shape}")
    if not bool(np.all(counts >= 0)) or not bool(np.all(np.isfinite(counts))):
        raise ValueError("counts must be finite and not negative")
    both = counts + counts.T
    totals = both.sum(axis=1, keepdims=True)
    return np.where(totals > 0, both / np.where(totals > 0, totals, 1.0), np.eye(len(counts)))


def relabel(
    table: npt.ArrayLike,
    *,
    row_confusion: npt.ArrayLike | None = None,
    column_confusion: npt.ArrayLike | None = None,
    replicates: int,
    generator: np.random.Generator,
) -> IntArray:
    """Redraw every failure's row label and column label through confusions, independently.

    Return tables (replicates, R, C) with the total of the table (R, C) of whole counts. A
    confusion (R, R) or (C, C) holds in row i the probabilities of what a label i becomes; an
    axis without one keeps its labels. The draws are exact and made cell by cell, first over
    the rows, then over the columns, so the cost depends on the size of the table and not on
    its total. Raises ValueError for counts that are not whole, and for a confusion whose shape
    does not fit or whose rows are not probabilities.
    """
    counts = whole_counts(table)
    rows, columns = counts.shape
    row_noise = None if row_confusion is None else _Noise(row_confusion, rows)
    column_noise = None if column_confusion is None else _Noise(column_confusion, columns)
    relabeled = np.empty((replicates, rows, columns), dtype=np.int64)
    start = 0
    for size in batches(replicates, cells=counts.size):
        tables = np.broadcast_to(counts, (size, rows, columns))
        if row_noise is not None:
            tables = row_noise.redraw(tables, generator)
        if column_noise is not None:
            tables = column_noise.redraw(tables.swapaxes(1, 2), generator).swapaxes(1, 2)
        relabeled[start : start + size] = tables
        start += size
    return relabeled


class _Noise:
    """A confusion, split into a part that all labels share and what is left of each.

    Whatever its label, a failure goes to category j with at least the smallest probability in
    column j. Those smallest probabilities are one distribution for all labels, so the failures
    that it moves can be pooled before they are moved. Under uniform noise nothing but staying
    is left, which makes the draws K times fewer than a multinomial for each label would be.
    """

    def __init__(self, confusion: npt.ArrayLike, categories: int) -> None:
        probabilities = _probabilities(confusion, categories)
        shared = probabilities.min(axis=0)
        self.shared_share = min(1.0, float(shared.sum()))
        self.shared = _on_its_support(shared, kept=0)
        self.own = [
            _on_its_support(row - shared, kept=label) for label, row in enumerate(probabilities)
        ]

    def redraw(self, tables: IntArray, generator: np.random.Generator) -> IntArray:
        """Redraw the labels of axis 1 in tables (B, K, M)."""
        redrawn = np.zeros(tables.shape, dtype=np.int64)
        if self.shared_share > 0:
            pooled = generator.binomial(tables, self.shared_share)
            tables = tables - pooled
            _move(pooled.sum(axis=1), redrawn, self.shared, generator=generator)
        for label, own in enumerate(self.own):
            _move(tables[:, label], redrawn, own, generator=generator)
        return redrawn


def _move(
    counts: IntArray,
    tables: IntArray,
    distribution: tuple[npt.NDArray[np.intp], FloatArray],
    *,
    generator: np.random.Generator,
) -> None:
    """Spread counts (B, M) over axis 1 of tables (B, K, M), in place."""
    targets, probabilities = distribution
    if len(targets) == 1:
        tables[:, targets[0]] += counts
    else:
        moved = generator.multinomial(counts, probabilities)
        tables[:, targets] += np.moveaxis(moved, -1, 1)


def _on_its_support(weights: FloatArray, *, kept: int) -> tuple[npt.NDArray[np.intp], FloatArray]:
    """Return the categories with a weight, and their weights as probabilities.

    Without any weight all goes to the category `kept`, so that rounding never loses a count.
    """
    targets = np.flatnonzero(weights > _ROUNDING)
    if len(targets) == 0:
        return np.array([kept]), np.ones(1)
    return targets, weights[targets] / weights[targets].sum()


def _probabilities(confusion: npt.ArrayLike, categories: int) -> FloatArray:
    probabilities = np.asarray(confusion, dtype=np.float64)
    if probabilities.shape != (categories, categories):
        raise ValueError(
            f"a confusion of {categories} categories has as many rows and columns, "
            f"not the shape {probabilities.shape}"
        )
    if not bool(np.all(probabilities >= 0)) or not np.allclose(probabilities.sum(axis=1), 1):
        raise ValueError("each row of a confusion holds probabilities that add up to 1")
    return np.asarray(probabilities / probabilities.sum(axis=1, keepdims=True))
