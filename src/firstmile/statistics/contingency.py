"""Association in contingency tables: chi-square, Cramer's V, residuals, and random tables."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from firstmile.statistics.intervals import FloatArray, IntArray

_CELLS_AT_ONCE = 2_000_000
"""How many cells of random tables are held at a time, 16 MB."""
_TIES = 1e-9
"""Counts whose distances from the expected one differ by less, relatively, are as far."""
_NEGLIGIBLE = 1e-17
"""A part of a sum, relative to it, that floats do not hold."""


@dataclass(frozen=True, slots=True, eq=False)
class ChiSquare:
    """Pearson's chi-square test of a table.

    `expected` holds the counts expected under independence; `sparse_cells` of its `cells` are
    below 5, where the test's p is not to be trusted (Cochran 1954, Biometrics 10).
    """

    statistic: float
    dof: int
    p: float
    expected: FloatArray
    sparse_cells: int
    cells: int


def chi_square(table: npt.ArrayLike) -> ChiSquare:
    """Test a table (R, C) of counts for independence, without a correction for continuity.

    Rows and columns that hold nothing are dropped before, so `expected` has the shape of what
    is left. Raises ValueError where fewer than two rows or two columns are left. Pearson
    (1900), Philosophical Magazine 50.
    """
    counts = one_table(table)
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    if min(counts.shape) < 2:
        raise ValueError("a test of independence needs two rows and two columns with counts")
    expected = expected_counts(counts)
    statistic = float(((counts - expected) ** 2 / expected).sum())
    dof = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    return ChiSquare(
        statistic=statistic,
        dof=dof,
        p=float(special.chdtrc(dof, statistic)),
        expected=expected,
        sparse_cells=int((expected < 5).sum()),
        cells=expected.size,
    )


def expected_counts(tables: npt.ArrayLike) -> FloatArray:
    """Return the counts (..., R, C) expected under independence; an empty table gives zeros."""
    counts = many_tables(tables)
    rows = counts.sum(axis=-1, keepdims=True)
    columns = counts.sum(axis=-2, keepdims=True)
    total = rows.sum(axis=-2, keepdims=True)
    shares: FloatArray = columns / np.where(total > 0, total, 1.0)
    return np.asarray(rows * shares)


def chi_square_statistics(tables: npt.ArrayLike) -> FloatArray:
    """Return Pearson's chi-square (...) of each table (..., R, C); 0 for an empty one."""
    counts = many_tables(tables)
    expected = expected_counts(counts)
    deviation = counts - expected
    deviation *= deviation
    np.divide(deviation, expected, out=deviation, where=expected > 0)
    return np.asarray(deviation.sum(axis=(-2, -1)))


def cramers_v(tables: npt.ArrayLike) -> FloatArray:
    """Return Cramer's V (...) of each table (..., R, C), between 0 and 1.

    Rows and columns that hold nothing don't count, neither here nor in the correction; nan
    where fewer than two rows or two columns are left. Cramer (1946), Mathematical Methods of
    Statistics, section 21.9.
    """
    counts = many_tables(tables)
    rows, columns, total = _sizes(counts)
    smaller = np.minimum(rows, columns) - 1
    known = smaller > 0
    squared = chi_square_statistics(counts) / np.where(known, total * smaller, 1.0)
    return np.where(known, np.sqrt(np.minimum(squared, 1.0)), np.nan)


def corrected_cramers_v(tables: npt.ArrayLike) -> FloatArray:
    """Return the bias-corrected Cramer's V (...) of each table (..., R, C).

    nan where fewer than two rows or two columns hold anything, or the table is too small for
    the correction. Bergsma (2013), Journal of the Korean Statistical Society 42, section 2.
    """
    counts = many_tables(tables)
    rows, columns, total = _sizes(counts)
    known = (np.minimum(rows, columns) > 1) & (total > 1)
    n = np.where(known, total, 2.0)
    bias = (rows - 1) * (columns - 1) / (n - 1)
    squared = np.maximum(0.0, chi_square_statistics(counts) / n - bias)
    smaller = np.minimum(rows - (rows - 1) ** 2 / (n - 1), columns - (columns - 1) ** 2 / (n - 1))
    known &= smaller > 1
    squared /= np.where(known, smaller - 1, 1.0)
    return np.where(known, np.sqrt(np.minimum(squared, 1.0)), np.nan)


def adjusted_residuals(tables: npt.ArrayLike) -> FloatArray:
    """Return each cell's adjusted residual (..., R, C), standard normal under independence.

    nan where a cell's row or column holds nothing or everything. Haberman (1973), Biometrics
    29, equation 2.3.
    """
    counts = many_tables(tables)
    expected = expected_counts(counts)
    total = counts.sum(axis=(-2, -1), keepdims=True)
    n = np.where(total > 0, total, 1.0)
    rest = (1 - counts.sum(axis=-1, keepdims=True) / n) * (
        1 - counts.sum(axis=-2, keepdims=True) / n
    )
    variance = expected * rest
    known = variance > 0
    return np.where(known, (counts - expected) / np.sqrt(np.where(known, variance, 1.0)), np.nan)


def cell_probabilities(table: npt.ArrayLike) -> FloatArray:
    """Return for each cell (R, C) the exact two-sided p of its count, given both margins.

    Each cell alone is hypergeometric under independence; p is the chance of a count at least as
    far from the expected one, which orders the counts as adjusted residuals do. 1 where a row or
    column holds nothing or everything. Raises ValueError for counts that are not whole. Lehmann
    and Romano (2005), Testing Statistical Hypotheses, section 4.4 (the distribution).
    """
    counts = whole_counts(table).astype(np.float64)
    total = counts.sum()
    if not total:
        return np.ones(counts.shape)
    rows = np.broadcast_to(counts.sum(axis=1, keepdims=True), counts.shape)
    columns = np.broadcast_to(counts.sum(axis=0, keepdims=True), counts.shape)
    expected = rows * columns / total
    apart = np.abs(counts - expected) * (1 - _TIES)
    above = _tail(np.ceil(expected + apart), rows, columns, total, step=1)
    below = _tail(np.floor(expected - apart), rows, columns, total, step=-1)
    return np.where(apart < _TIES, 1.0, np.minimum(above + below, 1.0))


def _tail(
    start: FloatArray, rows: FloatArray, columns: FloatArray, total: float, *, step: int
) -> FloatArray:
    """Return the chance of a cell's count at `start` or further along `step`.

    Beyond the expected count each chance is a smaller part of the one before, so the sum ends
    where the next term no longer counts.
    """
    count = start.copy()
    neither = total - rows - columns
    least, most = np.maximum(0.0, -neither), np.minimum(rows, columns)
    possible = (count >= least) & (count <= most)
    inside = np.clip(count, least, most)
    term = np.where(possible, np.exp(_log_chance(inside, rows, columns, total)), 0.0)
    summed = term.copy()
    while bool((term > summed * _NEGLIGIBLE).any()):
        if step > 0:
            odds = (rows - count) * (columns - count) / ((count + 1) * (neither + count + 1))
        else:
            odds = count * (neither + count) / ((rows - count + 1) * (columns - count + 1))
        term = np.where(term > 0, term * odds, 0.0)
        count += np.where(term > 0, step, 0)
        summed += term
    return summed


def _log_chance(
    count: FloatArray, rows: FloatArray, columns: FloatArray, total: float
) -> FloatArray:
    return np.asarray(
        _log_choose(rows, count)
        + _log_choose(total - rows, columns - count)
        - _log_choose(np.full_like(rows, total), columns)
    )


def _log_choose(of: FloatArray, taken: FloatArray) -> FloatArray:
    return np.asarray(
        special.gammaln(of + 1) - special.gammaln(taken + 1) - special.gammaln(of - taken + 1)
    )


def fixed_margin_tables(
    table: npt.ArrayLike, *, replicates: int, generator: np.random.Generator
) -> IntArray:
    """Draw random tables (replicates, R, C) with both margins of a table (R, C) of counts.

    They are distributed as if the labels of the columns were shuffled over the rows of the
    data: the null of a permutation test. Each cell is one hypergeometric draw for all
    replicates, so the cost depends on the number of cells, not on the total. Raises ValueError
    for counts that are not whole. Patefield (1981), Applied Statistics 30, describes the
    distribution.
    """
    counts = whole_counts(table)
    row_totals, column_totals = counts.sum(axis=1), counts.sum(axis=0)
    height, width = counts.shape
    drawn = np.zeros((height, width, replicates), dtype=np.int64)
    left = np.repeat(column_totals[:, None], replicates, axis=1)
    for row in range(height - 1):
        wanted = np.full(replicates, row_totals[row])
        others = left.sum(axis=0)
        for column in range(width - 1):
            others -= left[column]
            if column_totals[column] and row_totals[row]:
                drawn[row, column] = generator.hypergeometric(left[column], others, wanted)
                wanted -= drawn[row, column]
        drawn[row, -1] = wanted
        left -= drawn[row]
    drawn[-1] = left
    return np.ascontiguousarray(np.moveaxis(drawn, -1, 0))


def multinomial_tables(
    table: npt.ArrayLike, *, replicates: int, generator: np.random.Generator
) -> IntArray:
    """Resample a table (R, C) of counts with its total fixed: (replicates, R, C).

    This is the nonparametric bootstrap of the rows of the data. Raises ValueError for counts
    that are not whole, and for an empty table.
    """
    counts = whole_counts(table)
    drawn = _resampled(counts.ravel(), replicates, generator)
    return drawn.reshape(replicates, *counts.shape)


def permutation_p(
    table: npt.ArrayLike, *, replicates: int, generator: np.random.Generator
) -> float:
    """Return the permutation p of chi-square: the share of random tables at least as extreme.

    Observed and random tables count alike, (1 + hits) / (1 + replicates), so p is never 0.
    Raises ValueError for counts that are not whole, and where fewer than two rows or columns
    hold anything. Davison and Hinkley (1997), Bootstrap Methods and their Application, section
    4.3.
    """
    counts = whole_counts(table)
    observed = chi_square(counts)
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    bound = observed.statistic * (1 - 1e-9) - 1e-9
    hits = 0
    for size in batches(replicates, cells=counts.size):
        tables = fixed_margin_tables(counts, replicates=size, generator=generator)
        hits += int((chi_square_statistics(tables) >= bound).sum())
    return (1 + hits) / (1 + replicates)


def batches(replicates: int, *, cells: int) -> Iterator[int]:
    """Split replicates of tables with this many cells into sizes that fit into memory."""
    size = max(1, _CELLS_AT_ONCE // max(1, cells))
    for start in range(0, replicates, size):
        yield min(size, replicates - start)


def one_table(table: npt.ArrayLike) -> FloatArray:
    """Return a table (R, C) of counts as floats; raises ValueError for anything else."""
    counts = many_tables(table)
    if counts.ndim != 2:
        raise ValueError(f"expected one table of counts, not an array of shape {counts.shape}")
    return counts


def many_tables(tables: npt.ArrayLike) -> FloatArray:
    """Return tables (..., R, C) of counts as floats; raises ValueError for negative ones."""
    counts = np.asarray(tables, dtype=np.float64)
    if counts.ndim < 2:
        raise ValueError(f"expected tables of counts, not an array of shape {counts.shape}")
    if not bool(np.all(counts >= 0)) or not bool(np.all(np.isfinite(counts))):
        raise ValueError("counts must be finite and not negative")
    return counts


def whole_counts(table: npt.ArrayLike) -> IntArray:
    """Return a table (R, C) of counts as integers; raises ValueError for fractions."""
    counts = one_table(table)
    whole = np.rint(counts).astype(np.int64)
    if not np.array_equal(whole, counts):
        raise ValueError("random tables can be drawn from whole counts only, not from weights")
    return whole


def _sizes(counts: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the numbers of rows and of columns that hold something, and the total."""
    rows, columns = counts.sum(axis=-1), counts.sum(axis=-2)
    return (
        (rows > 0).sum(axis=-1).astype(np.float64),
        (columns > 0).sum(axis=-1).astype(np.float64),
        np.asarray(rows.sum(axis=-1)),
    )


def _resampled(counts: IntArray, replicates: int, generator: np.random.Generator) -> IntArray:
    total = counts.sum()
    if total == 0:
        raise ValueError("an empty table cannot be resampled")
    return generator.multinomial(total, counts / total, size=replicates)
