"""Lift, differences and odds ratios: references, empty cells, coverage.

The figures of the references were computed with statsmodels 0.15.0
(statsmodels.stats.proportion.confint_proportions_2indep, compare "diff", method "newcomb").
"""

import numpy as np
import pytest
from bench.populations import SYMPTOM_BY_CAUSE, independent, weakened
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from firstmile.statistics.ratios import (
    OddsRatio,
    difference_interval,
    lift,
    lift_intervals,
    newcombe,
    odds_ratio,
)

IntArray = np.ndarray[tuple[int, ...], np.dtype[np.int64]]

tables = arrays.arrays(
    np.int64, st.tuples(st.integers(1, 5), st.integers(1, 5)), elements=st.integers(0, 30)
)
fourfold = st.tuples(*[st.integers(0, 40)] * 4)
proportions = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_tokenizer_defects_have_the_published_lift() -> None:
    assert round(float(lift(SYMPTOM_BY_CAUSE)[1, 5]), 2) == 2.36


@given(
    st.lists(st.integers(1, 20), min_size=2, max_size=5),
    st.lists(st.integers(1, 20), min_size=1, max_size=5),
)
def test_an_independent_table_has_lift_1(rows: list[int], columns: list[int]) -> None:
    table = np.outer(rows, columns)
    assert lift(table) == pytest.approx(np.ones(table.shape))
    low, high = lift_intervals(table)
    assert (low <= 1).all()
    assert (high >= 1).all()


@given(tables, st.floats(0.5, 0.99))
def test_lift_intervals_hold_the_lift_and_are_finite(table: IntArray, confidence: float) -> None:
    value, (low, high) = lift(table), lift_intervals(table, confidence=confidence)
    known = ~np.isnan(value)
    margins = (table.sum(axis=1, keepdims=True) > 0) & (table.sum(axis=0) > 0)
    assert (known == margins).all()
    assert (np.isnan(low) == ~known).all()
    assert (np.isnan(high) == ~known).all()
    assert np.isfinite(high[known]).all()
    assert (low[known] >= 0).all()
    assert (low[known] <= value[known] + 1e-9).all()
    assert (value[known] <= high[known] + 1e-9).all()
    empty = known & (table == 0)
    assert (low[empty] == 0).all()
    assert (high[empty] > 0).all()


@given(tables)
def test_lift_intervals_do_not_depend_on_the_order(table: IntArray) -> None:
    low, high = lift_intervals(table)
    again = lift_intervals(table[::-1, ::-1])
    assert again[0][::-1, ::-1] == pytest.approx(low, nan_ok=True)
    assert again[1][::-1, ::-1] == pytest.approx(high, nan_ok=True)


def test_much_data_give_the_delta_methods_lift_interval() -> None:
    table = SYMPTOM_BY_CAUSE.astype(float) * 10_000
    value, (low, high) = lift(table), lift_intervals(table)
    filled = table > 0
    with np.errstate(divide="ignore"):
        variance = (
            1 / table
            - 1 / table.sum(axis=1, keepdims=True)
            - 1 / table.sum(axis=0)
            + (2 * value - 1) / table.sum()
        )
    half = 1.959963984540054 * np.sqrt(variance[filled])
    assert np.log(high[filled] / value[filled]) == pytest.approx(half, rel=0.02)
    assert np.log(value[filled] / low[filled]) == pytest.approx(half, rel=0.02)


@pytest.mark.parametrize("strength", [0.0, 0.5, 1.0])
def test_lift_intervals_cover_in_every_cell(strength: float) -> None:
    shares = weakened(SYMPTOM_BY_CAUSE, strength)
    truth, data_sets = shares / independent(SYMPTOM_BY_CAUSE), 400
    drawn = np.random.default_rng(4).multinomial(706, shares.ravel(), size=data_sets)
    bounds = np.array([lift_intervals(each.reshape(shares.shape)) for each in drawn])
    covered = (bounds[:, 0] <= truth + 1e-9) & (truth <= bounds[:, 1] + 1e-9)
    assert covered.mean(axis=0).min() >= stats.binom.ppf(1e-4, data_sets, 0.945) / data_sets


@pytest.mark.parametrize(
    ("a", "n", "b", "m", "low", "high"),
    [
        (46, 149, 84, 557, 0.08218620575756921, 0.24075567314336643),
        (56, 70, 48, 80, 0.05243147240236498, 0.33387265403690614),
        (9, 10, 3, 10, 0.1705227239345029, 0.809017973535488),
        (0, 10, 0, 20, -0.1611251580528194, 0.27753279986288926),
        (10, 10, 0, 20, 0.6790860371419145, 1.0),
    ],
)
def test_newcombe_agrees_with_statsmodels(
    a: int, n: int, b: int, m: int, low: float, high: float
) -> None:
    interval = difference_interval(a, n, b, m)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-12)


@given(proportions, proportions)
def test_a_difference_is_held_and_turns_with_its_sides(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    there, back = difference_interval(*first, *second), difference_interval(*second, *first)
    assert -1 <= there.low <= there.high <= 1
    assert there.low - 1e-12 <= first[0] / first[1] - second[0] / second[1] <= there.high + 1e-12
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))


def test_newcombe_takes_arrays() -> None:
    low, high = newcombe([9, 0], 10, [3, 0], 10)
    assert (low[0], high[0]) == pytest.approx((0.1705227239345029, 0.809017973535488))
    assert low[1] == pytest.approx(-high[1])


def test_a_difference_needs_trials() -> None:
    with pytest.raises(ValueError, match="two proportions with trials"):
        difference_interval(0, 0, 1, 2)


@given(fourfold)
def test_the_p_of_an_odds_ratio_is_scipys_fisher_p(cells: tuple[int, int, int, int]) -> None:
    expected = stats.fisher_exact(np.reshape(cells, (2, 2))).pvalue
    assert odds_ratio(*cells).p == pytest.approx(expected, rel=1e-6, abs=1e-12)


@given(fourfold, st.floats(0.5, 0.99))
def test_the_bounds_of_an_odds_ratio_leave_half_counted_tails(
    cells: tuple[int, int, int, int], confidence: float
) -> None:
    a, b, c, d = cells
    found = odds_ratio(*cells, confidence=confidence)
    if min(a + b, c + d, a + c, b + d) == 0:
        assert found == OddsRatio(None, 0.0, None, 1.0)
        return
    tail = (1 - confidence) / 2
    margins = (a + b + c + d, a + b, a + c)
    if found.low > 0:
        null = stats.nchypergeom_fisher(*margins, found.low)
        assert null.sf(a) + null.pmf(a) / 2 == pytest.approx(tail, abs=1e-6)
    else:
        assert a * d == 0
    if found.high is not None:
        null = stats.nchypergeom_fisher(*margins, found.high)
        assert null.cdf(a) - null.pmf(a) / 2 == pytest.approx(tail, abs=1e-6)
    else:
        assert b * c == 0


@given(fourfold)
def test_exchanging_the_rows_inverts_an_odds_ratio(cells: tuple[int, int, int, int]) -> None:
    a, b, c, d = cells
    found, turned = odds_ratio(a, b, c, d), odds_ratio(c, d, a, b)
    assert turned.p == pytest.approx(found.p)
    assert turned.low == (0 if found.high is None else pytest.approx(1 / found.high))
    if found.estimate:
        assert turned.estimate is None or turned.estimate == pytest.approx(1 / found.estimate)
        assert found.low <= found.estimate
        assert found.high is None or found.estimate <= found.high


def test_the_odds_ratio_of_pooled_infrastructure_is_the_published_one() -> None:
    infrastructure = SYMPTOM_BY_CAUSE[:, [0, 4, 6]].sum(axis=1)
    rest = SYMPTOM_BY_CAUSE.sum(axis=1) - infrastructure
    found = odds_ratio(
        int(infrastructure[0]),
        int(rest[0]),
        int(infrastructure[1:].sum()),
        int(rest[1:].sum()),
    )
    assert round(found.estimate or 0.0, 1) == 2.0


def test_what_is_infinite_or_undefined_is_none() -> None:
    infinite, undefined = odds_ratio(3, 0, 0, 4), odds_ratio(0, 3, 0, 4)
    assert (infinite.estimate, infinite.high) == (None, None)
    assert infinite.low > 1
    assert undefined == OddsRatio(None, 0.0, None, 1.0)
    assert odds_ratio(0, 3, 4, 0).estimate == 0


def test_an_odds_ratio_of_a_million_agrees_with_the_normal_interval() -> None:
    cells = (120_000, 180_000, 300_000, 400_000)
    found = odds_ratio(*cells)
    estimate = 120_000 * 400_000 / (180_000 * 300_000)
    half = 1.959963984540054 * np.sqrt(sum(1 / cell for cell in cells))
    assert found.estimate == pytest.approx(estimate)
    assert found.low == pytest.approx(estimate * np.exp(-half), rel=1e-5)
    assert found.high == pytest.approx(estimate * np.exp(half), rel=1e-5)


def test_an_odds_ratio_needs_whole_counts() -> None:
    for cells in ((-1, 2, 3, 4), (1, 2, 3, 0.5)):
        with pytest.raises(ValueError, match="four whole counts"):
            odds_ratio(*cells)


@pytest.mark.parametrize(("n", "m", "p", "q"), [(15, 30, 0.05, 0.05), (20, 20, 0.1, 0.4)])
def test_odds_ratios_cover_where_empty_cells_are_usual(n: int, m: int, p: float, q: float) -> None:
    truth, covered = p / (1 - p) / (q / (1 - q)), 0.0
    for a in range(n + 1):
        for b in range(m + 1):
            chance = stats.binom.pmf(a, n, p) * stats.binom.pmf(b, m, q)
            if chance < 1e-8:
                continue
            found = odds_ratio(a, n - a, b, m - b)
            high = np.inf if found.high is None else found.high
            covered += chance * (found.low <= truth <= high)
    assert covered >= 0.94


def test_a_column_that_only_one_row_fills_has_no_lift_beyond_that_row_s_rarity() -> None:
    """The lift is at most one over the row's share, whose lower Wilson limit is 0.0118."""
    low, high = lift_intervals(np.array([[5, 9], [0, 692]]))
    assert low[0, 0] > 1
    assert high[0, 0] <= 1 / 0.0118
