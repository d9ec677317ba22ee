"""Intervals for Cramer's V: the recommended one, the noncentral one, and the bootstrap."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from firstmile.statistics.contingency import (
    batches,
    chi_square,
    corrected_cramers_v,
    multinomial_tables,
    one_table,
    whole_counts,
)
from firstmile.statistics.intervals import FloatArray, Interval, percentile, tail_probability

_HALVINGS: Final = 34
_ROUNDING: Final = 1e-18
"""Chi-square over the total up to which a table is independent but for rounding."""
_NEARLY_NORMAL: Final = 1e5
"""Above this noncentrality a normal distribution stands for the noncentral chi-square.

The algorithm's time grows with the square root of the noncentrality.
"""


@dataclass(frozen=True, slots=True)
class AssociationInterval:
    """An interval for Cramer's V with the name of the method that gave it."""

    interval: Interval
    method: str


def association_interval(table: npt.ArrayLike, *, confidence: float = 0.95) -> AssociationInterval:
    """Return the recommended interval for the V of the population behind a table (R, C).

    Its target is Cramer's V of the population, which the bias-corrected V estimates, and it
    contains that estimate: it is widened to it where a sparse table and a confidence near one
    half would leave it out. It holds every V under which a chi-square as large (low) and as
    small (high) as the observed is not too improbable. Between independence and the observed
    table, and beyond, chi-square is taken as a multiple of a noncentral chi-square whose mean
    and variance are those of tables with the observed pattern at that strength: the mean from
    the second-order expansion, the variance under independence from Dawson (1954), Biometrika
    41, the growth with the strength from the delta method (Bishop, Fienberg and Holland 1975,
    Discrete Multivariate Analysis, section 11.3). Where chi-square is below its expectation
    under independence, high is what that expectation would give. docs/interval-coverage.md has
    its measured coverage, also for sparse tables.

    Counts may be weighted. Raises ValueError where fewer than two rows or columns hold
    anything.
    """
    tail = tail_probability(confidence)
    pattern = _Pattern(table)
    low = pattern.solve(pattern.statistic, 1 - tail)
    high = pattern.solve(max(pattern.statistic, pattern.mean(0.0)), tail)
    estimate = float(corrected_cramers_v(table))
    if not np.isnan(estimate):
        low, high = min(low, estimate), max(high, estimate)
    return AssociationInterval(Interval(low, high), "scaled noncentral chi-square")


def noncentral_interval(table: npt.ArrayLike, *, confidence: float = 0.95) -> Interval:
    """Return the interval for the population's Cramer's V from the noncentral chi-square.

    Its target is the V of the population, which the bias-corrected V estimates (plain V
    overestimates it). Low is 0 where independence is not excluded; both bounds are 0 where the
    table is closer to independence than chance would have it. It covers too rarely where
    association is strong or the table sparse. Raises ValueError where fewer than two rows or
    columns hold anything. Steiger and Fouladi (1997), in What If There Were No Significance
    Tests; Smithson (2003), Confidence Intervals, section 4.4, without the degrees of freedom
    that he adds to the noncentrality.
    """
    tail = tail_probability(confidence)
    test = chi_square(table)
    scale: float = float(test.expected.sum()) * (min(test.expected.shape) - 1)
    bounds = [_noncentrality(test.statistic, test.dof, chance) for chance in (1 - tail, tail)]
    low, high = (float(np.sqrt(min(1.0, bound / scale))) for bound in bounds)
    return Interval(low, high)


def bootstrap_interval(
    table: npt.ArrayLike,
    *,
    replicates: int,
    generator: np.random.Generator,
    statistic: Callable[[npt.NDArray[np.int64]], FloatArray] = corrected_cramers_v,
    confidence: float = 0.95,
) -> Interval:
    """Return the percentile bootstrap interval of a statistic of a table (R, C) of counts.

    `statistic` maps tables (B, R, C) to (B,). It covers too rarely where association is weak,
    since resamples are on average further from independence than the table, which already is
    further than the population. Efron and Tibshirani (1993), An Introduction to the Bootstrap,
    section 13.3.
    """
    counts = whole_counts(table)
    values = [
        statistic(multinomial_tables(counts, replicates=size, generator=generator))
        for size in batches(replicates, cells=counts.size)
    ]
    low, high = percentile(np.concatenate(values), confidence=confidence)
    return Interval(float(low), float(high))


class _Pattern:
    """Chi-square's distribution along the tables that have a table's margins and pattern.

    At strength t the shares are those of independence plus t times the observed deviations
    from it, so V is t times the observed V. Beyond the observed strength, where shares would
    become negative, the noncentrality goes on growing and the shape stays.
    """

    def __init__(self, table: npt.ArrayLike) -> None:
        test = chi_square(table)
        counts = one_table(table)
        counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
        self._total = float(counts.sum())
        # What rounding leaves of an exactly independent table has no pattern.
        self.statistic = test.statistic if test.statistic > _ROUNDING * self._total else 0.0
        self.dof = test.dof
        self._independent = test.expected / self._total
        self._deviation = (counts - test.expected) / self._total
        self._scale: float = self._total * (min(counts.shape) - 1)
        self.observed_v = float(np.sqrt(self.statistic / self._scale))
        self._null_variance = _null_variance(counts)

    def mean(self, v: float) -> float:
        """Return the expectation of chi-square where the population's V is this."""
        return self._bias_and_spread(v)[0] + self._scale * v * v

    def chance(self, statistic: float, v: float) -> float:
        """Return the chance of a chi-square of at most this where the population's V is this."""
        noncentrality = self._scale * v * v
        bias, spread = self._bias_and_spread(v)
        variance = self._null_variance + 4 * noncentrality * spread
        root = np.sqrt(16 * noncentrality**2 + 8 * self.dof * variance)
        multiple = variance * 2 / (4 * noncentrality + root)
        shifted = (statistic - bias - noncentrality) / multiple
        noncentrality /= multiple
        if noncentrality > _NEARLY_NORMAL:
            return float(special.ndtr(shifted / np.sqrt(2 * self.dof + 4 * noncentrality)))
        x = shifted + self.dof + noncentrality
        return float(special.chndtr(x, self.dof, noncentrality)) if x > 0 else 0.0

    def solve(self, statistic: float, chance: float) -> float:
        """Return the V under which chi-square is at most this with the given chance, 0 to 1."""
        if self.chance(statistic, 0.0) <= chance:
            return 0.0
        if self.chance(statistic, 1.0) > chance:
            return 1.0
        low, high = 0.0, 1.0
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            if self.chance(statistic, middle) > chance:
                low = middle
            else:
                high = middle
        return (low + high) / 2

    def _bias_and_spread(self, v: float) -> tuple[float, float]:
        """Return how far chi-square's mean exceeds its noncentrality, and its relative variance.

        The first is half the trace of the Hessian of phi squared with the covariance of the
        shares, R - 1 times C - 1 under independence; the second is the delta method's variance
        of chi-square over that of a noncentral one, 1 near independence.
        """
        strength = min(1.0, v / self.observed_v) if self.observed_v > 0 else 0.0
        if strength < 1e-6:
            return float(self.dof), 1.0
        independent = self._independent
        rows, columns = independent.sum(axis=1, keepdims=True), independent.sum(axis=0)
        shares = independent + strength * self._deviation
        squared = shares**2 / independent
        by_row = squared.sum(axis=1, keepdims=True) / rows
        by_column = squared.sum(axis=0) / columns
        slope = 2 * shares / independent - by_row - by_column
        curvature = (
            2 / independent
            - 4 * shares / independent * (1 / rows + 1 / columns)
            + 2 * by_row / rows
            + 2 * by_column / columns
            + 2 * (shares / independent) ** 2
        )
        phi_squared = (strength * self._deviation) ** 2 / independent
        variance = (shares * slope**2).sum() - (shares * slope).sum() ** 2
        spread = max(0.0, float(variance)) / (4 * float(phi_squared.sum()))
        return float((shares * curvature).sum()) / 2, spread


def _null_variance(counts: FloatArray) -> float:
    """Return the variance of chi-square over all tables with these margins, at least 2 dof.

    Sparse tables have more than the 2 dof of the chi-square distribution; those in which a
    margin leaves hardly any other table have less, which says nothing about the population.
    Dawson (1954), Biometrika 41.
    """
    n = float(counts.sum())
    usual: float = 2.0 * (counts.shape[0] - 1) * (counts.shape[1] - 1)
    if n <= 3:
        return usual
    spread, evenness = [], []
    for axis in (0, 1):
        margin: FloatArray = counts.sum(axis=axis)
        size = margin.size
        spread.append((size - 1) * (n - size) / (n - 1))
        evenness.append((n * float((1 / margin).sum()) - size**2) / (n - 2))
    left = (spread[0] - evenness[0]) * (spread[1] - evenness[1])
    exact = 2 * n / (n - 3) * left + n**2 / (n - 1) * evenness[0] * evenness[1]
    return max(usual, float(exact))


def _noncentrality(statistic: float, dof: int, chance: float) -> float:
    """Return the noncentrality under which chi-square is at most this with the given chance."""
    if special.chndtr(statistic, dof, 0.0) <= chance:
        return 0.0
    return float(special.chndtrinc(statistic, dof, chance))
