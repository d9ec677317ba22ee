"""Intervals for shares: reference values, bounds, and what every such interval must do.

The figures of the references were computed with statsmodels 0.15.0
(statsmodels.stats.proportion.proportion_confint, methods "wilson" and "beta").
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.statistics.intervals import (
    Interval,
    clopper_pearson_interval,
    percentile,
    wilson,
    wilson_interval,
)

counts = st.integers(0, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("successes", "trials", "confidence", "low", "high"),
    [
        (0, 10, 0.95, 0.0, 0.27753279986288926),
        (3, 20, 0.95, 0.052368745896216595, 0.36041886474075696),
        (295, 706, 0.95, 0.382006605252181, 0.4545766225114969),
        (706, 706, 0.95, 0.994588286196926, 1.0),
        (3, 20, 0.99, 0.038787060508071625, 0.43558672026105577),
    ],
)
def test_wilson_agrees_with_statsmodels(
    successes: int, trials: int, confidence: float, low: float, high: float
) -> None:
    interval = wilson_interval(successes, trials, confidence=confidence)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-12)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (3, 20, 0.0320709371854637, 0.37892682654531396),
        (0, 10, 0.0, 0.30849710781876083),
        (295, 706, 0.3811669164249459, 0.4552165172392837),
    ],
)
def test_clopper_pearson_agrees_with_statsmodels(
    successes: int, trials: int, low: float, high: float
) -> None:
    interval = clopper_pearson_interval(successes, trials)
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-12)


@given(counts, st.floats(0.01, 0.999))
def test_wilson_lies_within_0_and_1_and_holds_the_share(
    observed: tuple[int, int], confidence: float
) -> None:
    successes, trials = observed
    interval = wilson_interval(successes, trials, confidence=confidence)
    assert 0 <= interval.low <= interval.high <= 1
    if trials:
        assert interval.contains(successes / trials)


@given(counts)
def test_failures_have_the_mirrored_interval(observed: tuple[int, int]) -> None:
    successes, trials = observed
    for method in (wilson_interval, clopper_pearson_interval):
        interval, mirrored = method(successes, trials), method(trials - successes, trials)
        assert interval.low == pytest.approx(1 - mirrored.high, abs=1e-9)


@given(counts)
def test_more_confidence_is_wider(observed: tuple[int, int]) -> None:
    for method in (wilson_interval, clopper_pearson_interval):
        narrow, wide = method(*observed, confidence=0.8), method(*observed, confidence=0.99)
        assert wide.low <= narrow.low
        assert narrow.high <= wide.high


def test_no_trials_leave_everything_possible() -> None:
    assert wilson_interval(0, 0) == Interval(0.0, 1.0)
    assert clopper_pearson_interval(0, 0) == Interval(0.0, 1.0)


def test_wilson_takes_arrays_and_fractions() -> None:
    low, high = wilson([[0.0, 2.5], [4.0, 0.0]], [[5, 5], [4, 0]])
    assert low.shape == high.shape == (2, 2)
    assert (low[0, 1], high[0, 1]) == pytest.approx((1 - high[0, 1], 1 - low[0, 1]))
    assert (low[1, 1], high[1, 1]) == (0.0, 1.0)


@pytest.mark.parametrize("successes", [-1, 6, float("nan")])
def test_impossible_successes_are_refused(successes: float) -> None:
    with pytest.raises(ValueError, match="between 0 and the number of trials"):
        wilson(successes, 5)
    with pytest.raises(ValueError, match="between 0 and the number of trials"):
        clopper_pearson_interval(successes, 5)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0, float("nan")])
def test_a_confidence_outside_0_and_1_is_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        wilson(1, 2, confidence=confidence)


def test_percentile_bounds_leave_out_the_same_share_at_both_ends() -> None:
    replicates = np.stack([np.arange(1001.0), np.arange(1001.0)[::-1] * 2], axis=1)
    low, high = percentile(replicates, confidence=0.9)
    assert low == pytest.approx([50, 100])
    assert high == pytest.approx([950, 1900])


def test_percentile_bounds_leave_out_undefined_replicates() -> None:
    replicates = np.array([[0.0, np.nan, 1.0], [np.nan, np.nan, 3.0], [2.0, np.nan, 5.0]])
    low, high = percentile(replicates, confidence=0.5)
    assert (low[0], high[0]) == (0.5, 1.5)
    assert np.isnan(low[1])
    assert np.isnan(high[1])
    assert (low[2], high[2]) == (2.0, 4.0)


def test_no_replicates_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one replicate"):
        percentile(np.empty((0, 3)))


def test_the_bounds_count_as_inside() -> None:
    interval = Interval(0.25, 0.75)
    assert interval.width == 0.5
    assert [interval.contains(x) for x in (0.2, 0.25, 0.5, 0.75, 0.8)] == [
        False,
        True,
        True,
        True,
        False,
    ]
