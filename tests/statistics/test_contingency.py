"""Contingency tables: published figures, references, exact enumeration, and invariants.

Bias-corrected V was also computed with dython 0.7.12 (dython.nominal.cramers_v).
"""

from math import comb

import numpy as np
import pytest
from bench.populations import PUBLISHED, SYMPTOM_BY_CAUSE
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from firstmile.statistics.contingency import (
    adjusted_residuals,
    batches,
    cell_probabilities,
    chi_square,
    chi_square_statistics,
    corrected_cramers_v,
    cramers_v,
    expected_counts,
    fixed_margin_tables,
    multinomial_tables,
    permutation_p,
)

IntArray = np.ndarray[tuple[int, ...], np.dtype[np.int64]]

tables = arrays.arrays(
    np.int64, st.tuples(st.integers(2, 5), st.integers(2, 5)), elements=st.integers(0, 30)
)
testable = tables.filter(lambda t: (t.sum(axis=0) > 0).sum() > 1 and (t.sum(axis=1) > 0).sum() > 1)
full = tables.filter(lambda t: bool((t.sum(axis=0) > 0).all() and (t.sum(axis=1) > 0).all()))
seeds = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize(
    ("name", "statistic", "dof", "v", "corrected", "sparse", "cells"),
    [
        ("symptom x cause", 235.27, 32, 0.289, 0.2690235471659383, 18, 45),
        ("series x symptom", 41.39, 8, 0.171, 0.15396170424938438, 4, 15),
        ("series x cause", 81.16, 16, 0.240, 0.21508311727026228, 2, 27),
        ("stage x symptom", 21.09, 4, 0.173, 0.15566052083207244, 2, 10),
    ],
)
def test_published_tables_give_the_published_figures(
    name: str, statistic: float, dof: int, v: float, corrected: float, sparse: int, cells: int
) -> None:
    table = PUBLISHED[name]
    test = chi_square(table)
    assert round(test.statistic, 2) == statistic
    assert (test.dof, test.sparse_cells, test.cells) == (dof, sparse, cells)
    assert round(float(cramers_v(table)), 3) == v
    assert float(corrected_cramers_v(table)) == pytest.approx(corrected, abs=1e-12)


def test_crash_and_environment_have_the_published_residual() -> None:
    assert round(float(adjusted_residuals(SYMPTOM_BY_CAUSE)[0, 0]), 1) == 1.1


@given(testable)
def test_a_cell_has_the_exact_p_of_all_counts_as_far_away(table: IntArray) -> None:
    found = cell_probabilities(table)
    total = int(table.sum())
    for row in range(table.shape[0]):
        for column in range(table.shape[1]):
            n, m = int(table[row].sum()), int(table[:, column].sum())
            apart = abs(int(table[row, column]) * total - n * m)
            ways = sum(
                comb(n, x) * comb(total - n, m - x)
                for x in range(max(0, n + m - total), min(n, m) + 1)
                if abs(x * total - n * m) >= apart
            )
            assert found[row, column] == pytest.approx(ways / comb(total, m), rel=1e-9)


def test_a_cell_of_a_million_failures_has_the_p_of_scipy() -> None:
    table = np.array([[12, 88], [400, 999_500]])
    reference = stats.hypergeom(1_000_000, 100, 412).sf(11)
    assert cell_probabilities(table)[0, 0] == pytest.approx(reference, rel=1e-6)
    assert cell_probabilities([[0, 0], [0, 0]]).tolist() == [[1, 1], [1, 1]]


@given(full)
def test_chi_square_agrees_with_scipy(table: IntArray) -> None:
    test, reference = chi_square(table), stats.chi2_contingency(table, correction=False)
    assert test.statistic == pytest.approx(reference.statistic, abs=1e-9)
    assert test.p == pytest.approx(reference.pvalue, abs=1e-12)
    assert test.dof == reference.dof
    assert test.expected == pytest.approx(reference.expected_freq)
    assert float(cramers_v(table)) == pytest.approx(
        stats.contingency.association(table, method="cramer"), abs=1e-7
    )


@given(testable, seeds)
def test_permuting_rows_and_columns_never_changes_association(table: IntArray, seed: int) -> None:
    generator = np.random.default_rng(seed)
    shuffled = table[generator.permutation(len(table))][:, generator.permutation(table.shape[1])]
    assert chi_square(shuffled).statistic == pytest.approx(chi_square(table).statistic, abs=1e-9)
    for measure in (cramers_v, corrected_cramers_v):
        for other in (shuffled, table.T):
            assert measure(other) == pytest.approx(measure(table), abs=1e-6, nan_ok=True)


@given(testable)
def test_empty_rows_and_columns_never_change_association(table: IntArray) -> None:
    padded = np.pad(table, ((0, 2), (1, 0)))
    assert chi_square(padded).dof == chi_square(table).dof
    assert chi_square(padded).cells == chi_square(table).cells
    assert chi_square(padded).statistic == pytest.approx(chi_square(table).statistic)
    for measure in (cramers_v, corrected_cramers_v):
        assert measure(padded) == pytest.approx(measure(table), nan_ok=True)


@given(arrays.arrays(np.int64, (1, 2, 3, 4), elements=st.integers(0, 4)))
def test_many_tables_are_judged_as_each_alone(both: IntArray) -> None:
    for measure in (cramers_v, corrected_cramers_v, chi_square_statistics, adjusted_residuals):
        joint = measure(both)
        assert joint.shape[:2] == (1, 2)
        for place in (0, 1):
            assert joint[0, place] == pytest.approx(measure(both[0, place]), nan_ok=True)


@given(testable)
def test_association_lies_between_0_and_1_and_correcting_lowers_it(table: IntArray) -> None:
    v, corrected = float(cramers_v(table)), float(corrected_cramers_v(table))
    assert 0 <= v <= 1
    if not np.isnan(corrected):
        assert 0 <= corrected <= v + 1e-9 or v > 0.9


def test_one_to_one_is_1_and_proportional_is_0() -> None:
    assert float(cramers_v(np.diag([5, 9, 3]))) == 1
    assert float(corrected_cramers_v(np.diag([50, 90, 30]))) == pytest.approx(1)
    assert float(cramers_v([[10, 20], [20, 40]])) == pytest.approx(0, abs=1e-9)


def test_empty_margins_are_undefined_without_a_warning() -> None:
    one_row, nothing = np.array([[3, 4], [0, 0]]), np.zeros((2, 2))
    for measure in (cramers_v, corrected_cramers_v):
        assert np.isnan(measure(np.stack([one_row, nothing]))).all()
    assert np.isnan(adjusted_residuals(np.stack([one_row, nothing]))).all()
    assert (chi_square_statistics([one_row, nothing]) == 0).all()
    assert (expected_counts(nothing) == 0).all()


@pytest.mark.parametrize("table", [[[3, 4], [0, 0]], [[3, 0], [4, 0]], [[0, 0], [0, 0]]])
def test_a_test_needs_two_rows_and_two_columns(table: list[list[int]]) -> None:
    with pytest.raises(ValueError, match="two rows and two columns"):
        chi_square(table)
    with pytest.raises(ValueError, match="two rows and two columns"):
        permutation_p(table, replicates=10, generator=np.random.default_rng(0))


@pytest.mark.parametrize("table", [[[1, -1], [2, 3]], [[1, float("nan")], [2, 3]]])
def test_impossible_counts_are_refused(table: list[list[float]]) -> None:
    for measure in (chi_square, cramers_v, adjusted_residuals):
        with pytest.raises(ValueError, match="finite and not negative"):
            measure(table)


def test_shapes_that_are_no_table_are_refused() -> None:
    with pytest.raises(ValueError, match="array of shape"):
        cramers_v([1, 2, 3])
    with pytest.raises(ValueError, match="one table of counts"):
        chi_square(np.ones((2, 2, 2)))


@given(full)
def test_weights_may_be_fractions(table: IntArray) -> None:
    assert chi_square(table / 2).statistic == pytest.approx(chi_square(table).statistic / 2)
    assert float(cramers_v(table / 2)) == pytest.approx(float(cramers_v(table)))


@given(arrays.arrays(np.int64, (2, 2), elements=st.integers(1, 50)))
def test_squared_residuals_of_four_cells_are_chi_square(table: IntArray) -> None:
    squared = adjusted_residuals(table) ** 2
    assert squared == pytest.approx(np.full((2, 2), chi_square(table).statistic), abs=1e-9)


def test_residuals_are_standard_under_fixed_margins() -> None:
    drawn = fixed_margin_tables(
        SYMPTOM_BY_CAUSE, replicates=4000, generator=np.random.default_rng(1)
    )
    residuals = adjusted_residuals(drawn)
    n = SYMPTOM_BY_CAUSE.sum()
    assert residuals.mean(axis=0) == pytest.approx(np.zeros((5, 9)), abs=0.08)
    assert residuals.var(axis=0) == pytest.approx(np.full((5, 9), n / (n - 1)), abs=0.15)


@given(tables, seeds)
def test_random_tables_keep_both_margins(table: IntArray, seed: int) -> None:
    drawn = fixed_margin_tables(table, replicates=5, generator=np.random.default_rng(seed))
    assert drawn.shape == (5, *table.shape)
    assert drawn.dtype == np.int64
    assert (drawn >= 0).all()
    assert (drawn.sum(axis=1) == table.sum(axis=0)).all()
    assert (drawn.sum(axis=2) == table.sum(axis=1)).all()


def test_random_tables_of_a_million_keep_both_margins() -> None:
    table = SYMPTOM_BY_CAUSE * 1_416
    drawn = fixed_margin_tables(table, replicates=50, generator=np.random.default_rng(0))
    assert (drawn.sum(axis=1) == table.sum(axis=0)).all()
    assert (drawn.sum(axis=2) == table.sum(axis=1)).all()
    assert len(np.unique(drawn[:, 0, 0])) > 25


def test_random_tables_are_as_probable_as_scipy_says() -> None:
    rows, columns = np.array([3, 2, 2]), np.array([2, 4, 1])
    table = np.array([[2, 1, 0], [0, 2, 0], [0, 1, 1]])
    replicates = 40_000
    drawn = fixed_margin_tables(table, replicates=replicates, generator=np.random.default_rng(7))
    found, times = np.unique(drawn.reshape(replicates, 9), axis=0, return_counts=True)
    exact = np.array([stats.random_table.pmf(each.reshape(3, 3), rows, columns) for each in found])
    assert exact.sum() == pytest.approx(1)
    assert stats.chisquare(times, exact / exact.sum() * replicates).pvalue > 0.001


def test_permutation_p_agrees_with_enumeration() -> None:
    table = np.array([[5, 1], [1, 4]])
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    observed = chi_square(table).statistic
    exact = 0.0
    for a in range(min(rows[0], columns[0]) + 1):
        each = np.array([[a, rows[0] - a], [columns[0] - a, rows[1] - columns[0] + a]])
        if each.min() >= 0 and chi_square(each).statistic >= observed - 1e-9:
            ways = comb(int(columns[0]), a) * comb(int(columns[1]), int(rows[0]) - a)
            exact += ways / comb(int(rows.sum()), int(rows[0]))
    found = permutation_p(table, replicates=20_000, generator=np.random.default_rng(3))
    assert found == pytest.approx(exact, abs=0.01)


def test_permutation_p_agrees_with_scipy() -> None:
    table = np.array([[8, 2, 3], [4, 7, 2], [3, 4, 9]])
    method = stats.PermutationMethod(n_resamples=4_999, rng=np.random.default_rng(5))
    reference = stats.chi2_contingency(table, correction=False, method=method).pvalue
    found = permutation_p(table, replicates=20_000, generator=np.random.default_rng(6))
    assert found == pytest.approx(reference, abs=0.015)


def test_a_permutation_p_is_never_0_and_counts_ties() -> None:
    generator = np.random.default_rng(0)
    certain = np.diag([300, 300, 300])
    assert permutation_p(certain, replicates=99, generator=generator) == 1 / 100
    every_table_alike = [[1, 0], [0, 1]]
    assert permutation_p(every_table_alike, replicates=99, generator=generator) == 1


@given(tables.filter(lambda t: t.sum() > 0), seeds)
def test_resampled_tables_keep_their_total_and_their_zeros(table: IntArray, seed: int) -> None:
    drawn = multinomial_tables(table, replicates=3, generator=np.random.default_rng(seed))
    assert (drawn.sum(axis=(1, 2)) == table.sum()).all()
    assert (drawn[:, table == 0] == 0).all()


def test_resampled_cells_vary_as_counts_do() -> None:
    generator = np.random.default_rng(2)
    counts = SYMPTOM_BY_CAUSE.astype(float)
    n = counts.sum()
    whole = multinomial_tables(SYMPTOM_BY_CAUSE, replicates=20_000, generator=generator)
    assert whole.mean(axis=0) == pytest.approx(counts, abs=0.3)
    assert whole.var(axis=0) == pytest.approx(counts * (1 - counts / n), rel=0.06)


def test_weights_cannot_be_resampled() -> None:
    generator = np.random.default_rng(0)
    for draw in (fixed_margin_tables, multinomial_tables):
        with pytest.raises(ValueError, match="whole counts only"):
            draw([[0.5, 1.0], [1.0, 1.0]], replicates=1, generator=generator)
    with pytest.raises(ValueError, match="empty table"):
        multinomial_tables([[0, 0], [0, 0]], replicates=1, generator=generator)


@given(st.integers(0, 10_000), st.integers(1, 5_000_000))
def test_batches_add_up_and_fit(replicates: int, cells: int) -> None:
    sizes = list(batches(replicates, cells=cells))
    assert sum(sizes) == replicates
    assert all(size == 1 or size * cells <= 2_000_000 for size in sizes)
