"""Intervals for Cramer's V: published bootstrap bounds, references, and coverage."""

import numpy as np
import pytest
from bench.populations import (
    PUBLISHED,
    SYMPTOM_BY_CAUSE,
    independent,
    leaf_shares,
    population_v,
    weakened,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from firstmile.statistics.association import (
    association_interval,
    bootstrap_interval,
    noncentral_interval,
)
from firstmile.statistics.contingency import chi_square, corrected_cramers_v, cramers_v

IntArray = np.ndarray[tuple[int, ...], np.dtype[np.int64]]

testable = arrays.arrays(
    np.int64, st.tuples(st.integers(2, 5), st.integers(2, 5)), elements=st.integers(0, 30)
).filter(lambda t: (t.sum(axis=0) > 0).sum() > 1 and (t.sum(axis=1) > 0).sum() > 1)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("symptom x cause", 0.245, 0.325),
        ("series x symptom", 0.119, 0.216),
        ("series x cause", 0.178, 0.293),
        ("stage x symptom", 0.092, 0.244),
    ],
)
def test_the_bootstrap_gives_the_published_bounds(name: str, low: float, high: float) -> None:
    interval = bootstrap_interval(
        PUBLISHED[name], replicates=10_000, generator=np.random.default_rng(705)
    )
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=0.005)


def test_the_bootstrap_takes_any_statistic() -> None:
    interval = bootstrap_interval(
        [[30, 10], [20, 40]],
        statistic=lambda tables: tables[:, 0, 0] / tables.sum(axis=(1, 2)),
        replicates=20_000,
        generator=np.random.default_rng(1),
        confidence=0.9,
    )
    assert interval.low == pytest.approx(stats.binom.ppf(0.05, 100, 0.3) / 100, abs=0.011)
    assert interval.high == pytest.approx(stats.binom.ppf(0.95, 100, 0.3) / 100, abs=0.011)


@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize("confidence", [0.9, 0.99])
def test_noncentral_bounds_leave_scipys_tails(name: str, confidence: float) -> None:
    test = chi_square(PUBLISHED[name])
    interval = noncentral_interval(PUBLISHED[name], confidence=confidence)
    scale = 706 * (min(test.expected.shape) - 1)
    tail = (1 - confidence) / 2
    low, high = (
        stats.ncx2.cdf(test.statistic, test.dof, scale * v**2)
        for v in (interval.low, interval.high)
    )
    assert (low, high) == pytest.approx((1 - tail, tail))


def test_noncentral_bounds_are_0_where_independence_is_plausible() -> None:
    assert noncentral_interval([[20, 21], [22, 20]]).low == 0
    both = noncentral_interval([[20, 20], [20, 20]])
    assert (both.low, both.high) == (0, 0)


@given(testable, st.floats(0.5, 0.99))
@example(np.array([[26, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1]]), 0.5)
def test_the_recommended_interval_holds_the_corrected_v(table: IntArray, confidence: float) -> None:
    found = association_interval(table, confidence=confidence)
    assert found.method == "scaled noncentral chi-square"
    assert 0 <= found.interval.low <= found.interval.high <= 1
    v = float(corrected_cramers_v(table))
    if not np.isnan(v):
        assert found.interval.low - 1e-9 <= v <= found.interval.high + 1e-9


@settings(max_examples=50)
@given(testable)
@example(np.array([[11, 11], [14, 14]]))
def test_the_recommended_interval_does_not_depend_on_the_order(table: IntArray) -> None:
    interval = association_interval(table).interval
    for other in (table[::-1], table[:, ::-1], table.T, np.pad(table, ((1, 0), (0, 1)))):
        again = association_interval(other).interval
        assert (again.low, again.high) == pytest.approx((interval.low, interval.high), abs=1e-6)


@settings(max_examples=50)
@given(testable)
def test_more_confidence_is_wider(table: IntArray) -> None:
    narrow = association_interval(table, confidence=0.8).interval
    wide = association_interval(table, confidence=0.99).interval
    assert wide.low <= narrow.low + 1e-9
    assert narrow.high <= wide.high + 1e-9


def test_an_exactly_independent_table_leaves_room_for_association() -> None:
    interval = association_interval([[20, 20], [20, 20]]).interval
    assert interval.low == 0
    expectation, dof = 1, 1
    assert stats.ncx2.cdf(expectation, dof, 80 * interval.high**2) == pytest.approx(0.025, abs=2e-3)


def test_margins_that_allow_nothing_else_say_nothing() -> None:
    interval = association_interval(np.eye(5)).interval
    assert (interval.low, interval.high) == (0, 1)


def test_a_perfect_association_may_be_perfect() -> None:
    interval = association_interval(np.diag([300, 250, 156])).interval
    assert 0.95 < interval.low < 1
    assert interval.high == 1


def test_a_thousand_times_the_data_narrow_the_interval_to_v() -> None:
    table = SYMPTOM_BY_CAUSE * 1_416
    interval = association_interval(table).interval
    assert interval.contains(float(cramers_v(table)))
    assert interval.width < 0.003


def test_the_largest_counts_are_judged() -> None:
    interval = association_interval(np.diag([10**9, 10**9, 10**9])).interval
    assert interval.low == pytest.approx(1, abs=1e-6)
    assert interval.high == 1


def test_an_interval_needs_two_rows_and_two_columns() -> None:
    for method in (association_interval, noncentral_interval):
        with pytest.raises(ValueError, match="two rows and two columns"):
            method([[3, 4], [0, 0]])


@pytest.mark.parametrize(
    "shares",
    [
        independent(SYMPTOM_BY_CAUSE),
        weakened(SYMPTOM_BY_CAUSE, 0.5),
        weakened(PUBLISHED["series x cause"], 1.0),
        leaf_shares(0.0),
        leaf_shares(0.5),
        np.array([[0.45, 0.02], [0.01, 0.52]]),
    ],
    ids=["independent", "weak", "observed", "sparse and independent", "sparse", "strong"],
)
def test_the_recommended_interval_covers(shares: np.ndarray) -> None:
    generator = np.random.default_rng(11)
    truth, data_sets = population_v(shares), 200
    covered = 0
    for counts in generator.multinomial(706, shares.ravel(), size=data_sets):
        interval = association_interval(counts.reshape(shares.shape)).interval
        covered += interval.low - 1e-9 <= truth <= interval.high + 1e-9
    assert covered >= stats.binom.ppf(0.001, data_sets, 0.95)
