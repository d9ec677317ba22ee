"""Likeness of profiles: references, published correlations, and the interval's coverage."""

from itertools import product

import numpy as np
import pytest
from bench.populations import (
    SERIES_BY_CAUSE,
    SERIES_BY_SYMPTOM,
    SYMPTOM_BY_CAUSE,
    shifted,
)
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats
from scipy.spatial import distance

from firstmile.statistics.ratios import newcombe
from firstmile.statistics.similarity import (
    jensen_shannon,
    pearson,
    spearman,
    total_variation,
    total_variation_interval,
)

IntArray = np.ndarray[tuple[int, ...], np.dtype[np.int64]]

pairs = arrays.arrays(
    np.int64, st.tuples(st.just(2), st.integers(2, 8)), elements=st.integers(0, 40)
)
varied = pairs.filter(lambda each: bool((np.ptp(each, axis=1) > 0).all()))
filled = pairs.filter(lambda each: bool((each.sum(axis=1) > 0).all()))


@pytest.mark.parametrize(
    ("first", "second", "symptom", "cause"),
    [(0, 1, 0.569, 0.369), (0, 2, 0.907, 0.867), (1, 2, 0.820, 0.697)],
)
def test_the_series_have_the_published_correlations(
    first: int, second: int, symptom: float, cause: float
) -> None:
    for table, expected in ((SERIES_BY_SYMPTOM, symptom), (SERIES_BY_CAUSE, cause)):
        assert round(float(pearson(table[first], table[second])), 3) == expected


@given(varied)
def test_correlations_agree_with_scipy(both: IntArray) -> None:
    a, b = both
    assert float(pearson(a, b)) == pytest.approx(stats.pearsonr(a, b).statistic, abs=1e-9)
    assert float(spearman(a, b)) == pytest.approx(stats.spearmanr(a, b).statistic, abs=1e-9)


@given(filled)
def test_jensen_shannon_is_the_square_of_scipys_distance(both: IntArray) -> None:
    a, b = both.astype(np.float64).tolist()
    expected = distance.jensenshannon(a, b, base=2) ** 2
    assert float(jensen_shannon(*both)) == pytest.approx(expected, abs=1e-9)


@given(filled)
def test_total_variation_is_the_largest_difference_of_any_set(both: IntArray) -> None:
    p, q = both / both.sum(axis=1, keepdims=True)
    sets = np.array(list(product([0, 1], repeat=p.size)))
    assert float(total_variation(*both)) == pytest.approx((sets @ (p - q)).max(), abs=1e-12)


@given(filled, st.integers(1, 50))
def test_divergences_are_symmetric_bounded_and_blind_to_size(both: IntArray, factor: int) -> None:
    for measure in (jensen_shannon, total_variation):
        value = float(measure(*both))
        assert 0 <= value <= 1
        assert float(measure(both[1], both[0] * factor)) == pytest.approx(value, abs=1e-9)
        assert float(measure(both[0], both[0] * factor)) == pytest.approx(0, abs=1e-9)


def test_rounding_takes_no_distance_beyond_1() -> None:
    apart = [5, 0, 1, 0, 0, 0], [0, 18, 0, 8, 20, 0]
    assert float(total_variation(*apart)) == 1
    assert float(jensen_shannon(*apart)) == 1


def test_profiles_without_a_common_category_are_1_apart() -> None:
    assert float(jensen_shannon([1, 3, 0], [0, 0, 2])) == pytest.approx(1)
    assert float(total_variation([1, 3, 0], [0, 0, 2])) == pytest.approx(1)


@given(arrays.arrays(np.int64, (3, 2, 4), elements=st.integers(0, 5)))
def test_many_pairs_are_compared_as_each_alone(many: IntArray) -> None:
    for measure in (pearson, spearman, jensen_shannon, total_variation):
        joint = measure(many[:, 0], many[:, 1])
        assert joint.shape == (3,)
        for value, (a, b) in zip(joint, many, strict=True):
            assert float(value) == pytest.approx(float(measure(a, b)), nan_ok=True)


def test_what_is_undefined_is_nan_without_a_warning() -> None:
    for correlation in (pearson, spearman):
        assert np.isnan(correlation([3, 3, 3], [1, 2, 3]))
    for divergence in (jensen_shannon, total_variation):
        assert np.isnan(divergence([0, 0, 0], [1, 2, 3]))


def test_negative_counts_are_refused() -> None:
    for divergence in (jensen_shannon, total_variation):
        with pytest.raises(ValueError, match="none of them negative"):
            divergence([1, -1], [1, 2])


@given(filled, st.integers(0, 2**32 - 1))
def test_the_interval_holds_the_observed_total_variation(both: IntArray, seed: int) -> None:
    interval = total_variation_interval(*both, replicates=50, generator=np.random.default_rng(seed))
    assert 0 <= interval.low <= interval.high <= 1
    assert interval.contains(float(total_variation(*both)))


@pytest.mark.parametrize("categories", [5, 9])
def test_its_high_is_the_largest_upper_bound_of_any_set(categories: int) -> None:
    generator = np.random.default_rng(3)
    sets = np.array(list(product([0, 1], repeat=categories)))
    for _ in range(300):
        sizes = generator.choice([20, 86, 449], size=2)
        a, b = generator.multinomial(sizes, generator.dirichlet(np.ones(categories)))
        _, upper = newcombe(sets @ a, a.sum(), sets @ b, b.sum())
        interval = total_variation_interval(a, b, replicates=1, generator=generator)
        assert interval.high == pytest.approx(upper.max(), abs=1e-12)


def test_much_data_narrow_the_interval_to_the_total_variation() -> None:
    a, b = SERIES_BY_CAUSE[0] * 10_000, SERIES_BY_CAUSE[2] * 10_000
    interval = total_variation_interval(a, b, replicates=500, generator=np.random.default_rng(0))
    assert interval.contains(float(total_variation(a, b)))
    assert interval.width < 0.005


def test_an_interval_needs_counts_on_both_sides() -> None:
    generator = np.random.default_rng(0)
    with pytest.raises(ValueError, match="empty profile"):
        total_variation_interval([0, 0], [1, 2], replicates=5, generator=generator)
    with pytest.raises(ValueError, match="whole counts"):
        total_variation_interval([0.5, 0], [1, 2], replicates=5, generator=generator)


@pytest.mark.parametrize(("gap", "spread"), [(0.0, True), (0.1, False), (0.1, True), (0.2, True)])
@pytest.mark.parametrize("axis", [0, 1])
def test_the_interval_covers_also_at_0(gap: float, spread: bool, axis: int) -> None:
    totals = SYMPTOM_BY_CAUSE.sum(axis=axis)
    profile = totals / totals.sum()
    generator, data_sets = np.random.default_rng(9), 200
    first = generator.multinomial(86, shifted(profile, gap, spread=spread), size=data_sets)
    second = generator.multinomial(449, profile, size=data_sets)
    covered = sum(
        total_variation_interval(a, b, replicates=200, generator=generator).contains(gap)
        for a, b in zip(first, second, strict=True)
    )
    assert covered >= stats.binom.ppf(0.001, data_sets, 0.95)
