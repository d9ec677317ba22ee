import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from firstmile.statistics.finite_population import (
    fewest_holders,
    holders_interval,
    log_at_most,
    most_holders,
)
from firstmile.statistics.intervals import clopper_pearson_interval

POPULATIONS = st.integers(1, 400).flatmap(
    lambda size: st.integers(0, size).flatmap(
        lambda sample: st.tuples(st.just(size), st.just(sample), st.integers(0, sample))
    )
)


@given(POPULATIONS)
def test_the_lower_tail_is_the_one_scipy_computes(population: tuple[int, int, int]) -> None:
    size, sample, successes = population
    holders = np.arange(size + 1)
    expected = stats.hypergeom.cdf(successes, size, holders, sample)
    found = np.exp(log_at_most(successes, holders, sample=sample, size=size))
    np.testing.assert_allclose(found, expected, atol=1e-9)


@given(POPULATIONS, st.sampled_from([0.8, 0.95, 0.99]))
@example((95, 1, 0), 0.8)
def test_the_upper_bound_is_the_last_number_the_tail_does_not_reject(
    population: tuple[int, int, int], confidence: float
) -> None:
    size, sample, successes = population
    bound = most_holders(successes, sample, size, confidence=confidence)
    possible = np.arange(successes, size - (sample - successes) + 1)
    tail = stats.hypergeom.cdf(successes, size, possible, sample)
    # Where the tail equals the error, rounding decides, and either number is a bound.
    narrow, wide = (
        max([*possible[tail > 1 - confidence + by], successes]) for by in (1e-12, -1e-12)
    )
    assert narrow <= bound <= wide


@pytest.mark.parametrize("holders", [0, 3, 17, 40, 60])
def test_the_upper_bound_holds_at_least_as_often_as_it_says(holders: int) -> None:
    size, sample = 60, 20
    outcomes = np.arange(min(holders, sample) + 1)
    probability = stats.hypergeom.pmf(outcomes, size, holders, sample)
    holds = np.array([most_holders(int(x), sample, size) >= holders for x in outcomes])
    assert probability[holds].sum() >= 0.95


def test_the_bounds_mirror_each_other() -> None:
    assert fewest_holders(3, 50, 900) == 900 - most_holders(47, 50, 900)


def test_the_interval_nears_clopper_and_pearson_in_a_large_population() -> None:
    size = 2_000_000
    found = holders_interval(7, 300, size)
    expected = clopper_pearson_interval(7, 300)
    assert found.low / size == pytest.approx(expected.low, abs=2e-5)
    assert found.high / size == pytest.approx(expected.high, abs=2e-5)


def test_a_sample_of_everything_leaves_no_doubt() -> None:
    assert holders_interval(4, 30, 30).low == holders_interval(4, 30, 30).high == 4


def test_no_sample_bounds_nothing() -> None:
    assert most_holders(0, 0, 70) == 70
    assert fewest_holders(0, 0, 70) == 0


@pytest.mark.parametrize("counts", [(3, 2, 10), (0, 11, 10), (-1, 2, 10)])
def test_impossible_counts_are_refused(counts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="successes"):
        most_holders(*counts)


def test_a_confidence_of_one_is_refused() -> None:
    with pytest.raises(ValueError, match="confidence"):
        most_holders(0, 1, 2, confidence=1.0)
