import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from firstmile.statistics.finite_population import most_holders
from firstmile.study.screening.recall import (
    Combination,
    Discarded,
    Spending,
    bound_recall,
    draw_sample,
    sample_size,
    spend,
)

COMBINATIONS: tuple[Combination, ...] = ("fisher", "bonferroni")


def step(discarded: int, sampled: int, failures: int, name: str = "all") -> Discarded:
    return Discarded(step=name, discarded=discarded, sampled=sampled, failures=failures)


def test_one_sample_gives_the_exact_bound() -> None:
    bound = bound_recall([step(4_600, 300, 1)], found=700)
    assert bound.missed_at_most == most_holders(1, 300, 4_600)
    assert bound.recall_at_least == pytest.approx(700 / (700 + bound.missed_at_most))
    assert bound.recall_with_sample_at_least == pytest.approx(701 / (700 + bound.missed_at_most))
    assert bound.missed_estimate == pytest.approx(4_600 / 300)
    assert bound.combination is None


@pytest.mark.parametrize("combination", COMBINATIONS)
def test_a_combined_bound_holds_at_least_as_often_as_it_says(combination: Combination) -> None:
    sizes, samples = (24, 15), (8, 6)
    bounds = {
        outcome: bound_recall(
            [step(n, s, k) for n, s, k in zip(sizes, samples, outcome, strict=True)],
            found=10,
            confidence=0.9,
            combination=combination,
        ).missed_at_most
        for outcome in itertools.product(range(9), range(7))
    }
    for missed in itertools.product((0, 1, 4, 9, 20), (0, 2, 5, 12)):
        held = sum(
            stats.hypergeom.pmf(a, sizes[0], missed[0], samples[0])
            * stats.hypergeom.pmf(b, sizes[1], missed[1], samples[1])
            for (a, b), bound in bounds.items()
            if bound >= sum(missed)
        )
        assert held >= 0.9 - 1e-9


def test_fishers_bound_is_the_largest_total_his_test_does_not_reject() -> None:
    steps = [step(30, 10, 1), step(20, 8, 0)]
    budget = stats.chi2.ppf(0.95, 4)
    expected = max(
        a + b
        for a in range(1, 22)
        for b in range(13)
        if -2 * (stats.hypergeom.logcdf(1, 30, a, 10) + stats.hypergeom.logcdf(0, 20, b, 8))
        <= budget
    )
    assert bound_recall(steps, found=5).missed_at_most == expected


def test_a_step_that_was_not_sampled_may_be_all_failures() -> None:
    bound = bound_recall([step(100, 50, 0), step(70, 0, 0, "unsampled")], found=10)
    assert bound.missed_at_most >= 70
    assert bound.missed_estimate is None
    assert bound.recall_estimate is None


def test_nothing_discarded_means_nothing_missed() -> None:
    bound = bound_recall([step(0, 0, 0)], found=3)
    assert (bound.missed_at_most, bound.recall_at_least) == (0, 1.0)


def test_a_sample_of_everything_is_the_truth() -> None:
    bound = bound_recall([step(80, 80, 4)], found=36)
    assert bound.recall_at_least == bound.recall_estimate == pytest.approx(0.9)
    assert bound.recall_with_sample_at_least == 1.0


@pytest.mark.parametrize("counts", [(10, 11, 0), (10, 5, 6), (10, 5, -1)])
def test_impossible_counts_are_refused(counts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="failures"):
        step(*counts)


@settings(max_examples=50)
@given(
    discarded=st.integers(50, 3_000),
    found=st.integers(20, 2_000),
    target=st.sampled_from([0.8, 0.9, 0.95]),
    share=st.sampled_from([0.0, 0.002, 0.01]),
)
def test_a_planned_sample_shows_the_target_and_a_smaller_one_does_not(
    discarded: int, found: int, target: float, share: float
) -> None:
    plan = sample_size(discarded=discarded, found=found, target_recall=target, expected_share=share)
    if plan is None:
        return
    shown = bound_recall([step(discarded, plan.sample, plan.failures_allowed)], found=found)
    assert shown.recall_at_least >= target - 1e-9
    if plan.sample > plan.failures_allowed:
        less = step(discarded, plan.sample - 1, plan.failures_allowed)
        assert bound_recall([less], found=found).recall_at_least < target
    assert plan.power >= 0.8


def test_a_target_that_is_already_missed_has_no_plan() -> None:
    assert sample_size(discarded=4_600, found=700, expected_share=0.02) is None


@pytest.mark.parametrize("spending", ["equal", "late", "open"])
@pytest.mark.parametrize("looks", [1, 2, 5, 40])
def test_looks_spend_no_more_than_the_error(spending: Spending, looks: int) -> None:
    confidences = spend(looks, spending=spending)
    assert len(confidences) == looks
    assert sum(1 - each for each in confidences) <= 0.05 + 1e-12
    assert all(0.5 < each < 1 for each in confidences)
    if spending != "open":
        assert sum(1 - each for each in confidences) == pytest.approx(0.05)


def test_peeking_without_spending_breaks_the_guarantee_and_spending_mends_it() -> None:
    size, missed, looks, each = 1_500, 40, 10, 60
    population = np.zeros(size, dtype=np.int64)
    population[:missed] = 1
    generator = np.random.default_rng(5)
    drawn = [np.cumsum(generator.permutation(population)) for _ in range(800)]

    def wrong(confidences: tuple[float, ...]) -> float:
        limits = [
            next(
                (k for k in range(60) if most_holders(k, n, size, confidence=c) >= missed),
                60,
            )
            for n, c in zip(range(each, looks * each + 1, each), confidences, strict=True)
        ]
        found = np.array([run[each - 1 : looks * each : each] for run in drawn])
        return float((found < np.array(limits)).any(axis=1).mean())

    assert wrong((0.95,) * looks) > 0.08
    assert wrong(spend(looks)) < 0.05


def test_a_sample_is_the_beginning_of_a_larger_one_and_depends_on_its_seed() -> None:
    small, large = draw_sample(500, 20, seed=1), draw_sample(500, 60, seed=1)
    assert small.tolist() == large[:20].tolist()
    assert len(set(large.tolist())) == 60
    assert small.tolist() != draw_sample(500, 20, seed=2).tolist()


def test_samples_draw_each_equally_often() -> None:
    counts = np.zeros(30)
    for seed in range(900):
        counts[draw_sample(30, 10, seed=seed)] += 1
    assert stats.chisquare(counts).pvalue > 0.001
