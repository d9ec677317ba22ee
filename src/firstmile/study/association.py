"""One contingency table, analyzed: test, effect size with interval, cell by cell."""

from typing import Final

import msgspec
import numpy as np
from scipy.special import ndtr

from firstmile.statistics.association import association_interval, bootstrap_interval
from firstmile.statistics.contingency import (
    adjusted_residuals,
    cell_probabilities,
    chi_square,
    corrected_cramers_v,
    cramers_v,
    fixed_margin_tables,
)
from firstmile.statistics.intervals import wilson
from firstmile.statistics.multiplicity import benjamini_hochberg
from firstmile.statistics.ratios import lift, lift_intervals
from firstmile.study.counts import NotKnown, Table
from firstmile.study.estimates import Estimate, estimate
from firstmile.study.names import dimension_name
from firstmile.study.settings import FloatArray, Settings

SPARSE: Final = 5
"""Expected counts below this make the chi-square approximation doubtful (Cochran 1954)."""


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One cell of a table.

    `residual` is the adjusted residual; `p` is two-sided, from the normal distribution or, where
    the expected count is below SPARSE, exact (hypergeometric); `q` is Benjamini-Hochberg over
    all cells of the table. `lift` is P(row and column) / (P(row) P(column)).
    """

    row: str
    column: str
    count: float
    expected: float
    residual: float
    p: float
    q: float
    significant: bool
    lift: Estimate
    share_of_row: Estimate
    share_of_column: Estimate


class Association(msgspec.Struct, frozen=True, kw_only=True):
    """A table's test and effect size.

    `permutation_p` is None where no expected count is below SPARSE; `corrected_v` is Cramer's V
    with Bergsma's bias correction, its interval made by `interval_method`; `bootstrap` is the
    percentile interval that is usually reported. `family` counts the cells that were tested
    together; `cells` holds all of them, or those that an analysis kept.
    """

    rows: str
    columns: str
    row_codes: tuple[str, ...]
    column_codes: tuple[str, ...]
    n: float
    chi_square: float
    degrees_of_freedom: int
    p: float
    permutation_p: float | None
    sparse_cells: int
    all_cells: int
    cramers_v: float
    corrected_v: Estimate
    interval_method: str
    bootstrap: Estimate
    family: int
    cells: tuple[Cell, ...]

    def cell(self, row: str, column: str) -> Cell:
        """Return one cell; KeyError where the table has no such row or column."""
        for cell in self.cells:
            if (cell.row, cell.column) == (row, column):
                return cell
        raise KeyError((row, column))

    @property
    def decisive_p(self) -> float:
        """The permutation p where there is one, else the chi-square p."""
        return self.p if self.permutation_p is None else self.permutation_p

    @property
    def significant(self) -> tuple[Cell, ...]:
        """The significant cells, strongest first."""
        found = [cell for cell in self.cells if cell.significant]
        return tuple(sorted(found, key=lambda cell: -abs(cell.residual)))


def associate(
    table: Table, settings: Settings, purpose: str, *, most_draws: int | None = None
) -> Association:
    """Analyze a table of whole counts; rows and columns that hold nothing are left out.

    `most_draws` bounds permutations and bootstraps, for tables of many cells. Raises NotKnown
    where fewer than two rows or columns are left.
    """
    table = table.without_empty()
    for dimension, codes in ((table.rows, table.row_codes), (table.columns, table.column_codes)):
        if len(codes) < 2:
            raise NotKnown(f"its failures are all of one {dimension_name(dimension)}")
    counts = np.rint(table.counts).astype(np.int64)
    test = chi_square(counts)
    permutations, bootstraps = (
        draws if most_draws is None else min(draws, most_draws)
        for draws in (settings.permutations, settings.bootstraps)
    )
    residuals = adjusted_residuals(counts)
    cell_p = 2 * ndtr(-np.abs(residuals))
    sparse = test.expected < SPARSE
    permutation_p = None
    if sparse.any():
        permuted = fixed_margin_tables(
            counts, replicates=permutations, generator=settings.generator(purpose, "permutation")
        )
        cell_p = np.where(sparse, cell_probabilities(counts), cell_p)
        statistics = _chi_squares(permuted, test.expected)
        permutation_p = float(
            (1 + (statistics >= test.statistic - 1e-9).sum()) / (1 + permutations)
        )
    interval = association_interval(
        counts,
        confidence=settings.confidence,
    )
    bootstrap = bootstrap_interval(
        counts,
        replicates=bootstraps,
        generator=settings.generator(purpose, "bootstrap"),
        confidence=settings.confidence,
    )
    corrected = float(corrected_cramers_v(counts))
    return Association(
        rows=table.rows,
        columns=table.columns,
        row_codes=table.row_codes,
        column_codes=table.column_codes,
        n=float(counts.sum()),
        chi_square=test.statistic,
        degrees_of_freedom=test.dof,
        p=test.p,
        permutation_p=permutation_p,
        sparse_cells=test.sparse_cells,
        all_cells=test.cells,
        cramers_v=float(cramers_v(counts)),
        corrected_v=estimate(corrected, interval.interval),
        interval_method=interval.method,
        bootstrap=estimate(corrected, bootstrap),
        family=counts.size,
        cells=_cells(table, test.expected, residuals, cell_p, settings),
    )


_Place = tuple[int, int]


def _chi_squares(tables: np.ndarray, expected: FloatArray) -> FloatArray:
    return np.asarray(((tables - expected) ** 2 / expected).sum(axis=(-2, -1)), dtype=float)


def _cells(
    table: Table, expected: FloatArray, residuals: FloatArray, p: FloatArray, settings: Settings
) -> tuple[Cell, ...]:
    counts = np.rint(table.counts).astype(float)
    q = benjamini_hochberg(p)
    lifts, (lift_low, lift_high) = (
        lift(counts),
        lift_intervals(counts, confidence=settings.confidence),
    )
    by_row = counts / counts.sum(axis=1, keepdims=True)
    row_low, row_high = wilson(
        counts,
        np.broadcast_to(counts.sum(axis=1, keepdims=True), counts.shape),
        confidence=settings.confidence,
    )
    by_column = counts / counts.sum(axis=0, keepdims=True)
    column_low, column_high = wilson(
        counts,
        np.broadcast_to(counts.sum(axis=0, keepdims=True), counts.shape),
        confidence=settings.confidence,
    )

    def triple(
        value: FloatArray, low: FloatArray, high: FloatArray, at: tuple[int, int]
    ) -> Estimate:
        return Estimate(estimate=float(value[at]), low=float(low[at]), high=float(high[at]))

    return tuple(
        Cell(
            row=row,
            column=column,
            count=float(counts[at]),
            expected=float(expected[at]),
            residual=float(residuals[at]),
            p=float(p[at]),
            q=float(q[at]),
            significant=bool(q[at] <= settings.false_discovery_rate),
            lift=triple(lifts, lift_low, lift_high, at),
            share_of_row=triple(by_row, row_low, row_high, at),
            share_of_column=triple(by_column, column_low, column_high, at),
        )
        for i, row in enumerate(table.row_codes)
        for j, column in enumerate(table.column_codes)
        for at in [(i, j)]
    )
