"""The coefficients of agreement of one table of ratings, each with its interval."""

from collections.abc import Sequence
from itertools import combinations
from typing import Final

import msgspec
import numpy as np

from firstmile.statistics.agreement import (
    MISSING,
    Coefficient,
    agreement_interval,
    cohen_kappa,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
)
from firstmile.statistics.intervals import IntArray, Interval, wilson_interval
from firstmile.study.estimates import Estimate
from firstmile.study.settings import Settings

INTERVALS: Final = (
    "percentile bootstrap over issues; for an agreement of 0% or 100%, where all resamples are "
    "alike, Wilson's"
)
"""By which method each interval is computed, as every table and text of them says."""


class PairKappa(msgspec.Struct, frozen=True, kw_only=True):
    """Cohen's kappa of two raters over the `items` that both rated."""

    first: str
    second: str
    items: int
    kappa: Estimate


class Coefficients(msgspec.Struct, frozen=True, kw_only=True):
    """How far raters agree on one question; an estimate is None where it is undefined.

    `items` were rated by anybody, `paired` by two raters or more: only these count for percent
    agreement and Krippendorff's alpha. `categories` is the number of answers that could have
    been given, on which Gwet's AC1 depends.
    """

    items: int
    paired: int
    categories: int
    percent: Estimate
    ac1: Estimate
    alpha: Estimate
    kappas: tuple[PairKappa, ...]

    @property
    def kappa(self) -> Estimate:
        """Cohen's kappa of the pair of raters who agree least; not known without a pair."""
        known = [pair.kappa for pair in self.kappas if pair.kappa.estimate is not None]
        if not known:
            return Estimate(estimate=None, low=None, high=None)
        return min(known, key=lambda each: each.estimate or 0.0)


def coefficients(
    codes: IntArray,
    *,
    raters: Sequence[str],
    categories: int,
    settings: Settings,
    purpose: Sequence[str],
) -> Coefficients:
    """Compute all coefficients of ratings (items, raters) with -1 for a missing one.

    Intervals resample the items, the raters being fixed. Each draws from a stream of its own,
    named by `purpose`, so that no figure depends on which others are computed, nor on what the
    raters are called: under pseudonyms they are the same.
    """
    given = (codes != MISSING).sum(axis=1)

    def interval(coefficient: Coefficient, ratings: IntArray) -> Interval | None:
        return agreement_interval(
            ratings,
            coefficient=coefficient,
            categories=categories,
            replicates=settings.bootstraps,
            generator=settings.generator("agreement", *purpose, coefficient.value),
            confidence=settings.confidence,
        )

    def pair(first: int, second: int) -> PairKappa:
        both = codes[:, [first, second]]
        return PairKappa(
            first=raters[first],
            second=raters[second],
            items=int((both != MISSING).all(axis=1).sum()),
            kappa=_estimate(
                cohen_kappa(both[:, 0], both[:, 1]),
                interval(Coefficient.COHEN_KAPPA, both),
            ),
        )

    return Coefficients(
        items=int((given > 0).sum()),
        paired=int((given > 1).sum()),
        categories=categories,
        percent=_share(
            percent_agreement(codes, categories=categories),
            interval(Coefficient.PERCENT_AGREEMENT, codes),
            items=int((given > 1).sum()),
            confidence=settings.confidence,
        ),
        ac1=_estimate(
            gwet_ac1(codes, categories=categories), interval(Coefficient.GWET_AC1, codes)
        ),
        alpha=_estimate(
            krippendorff_alpha(codes, categories=categories),
            interval(Coefficient.KRIPPENDORFF_ALPHA, codes),
        ),
        kappas=tuple(pair(a, b) for a, b in combinations(range(len(raters)), 2)),
    )


def one_against_rest(codes: IntArray, chosen: Sequence[bool]) -> IntArray:
    """Return ratings as 1 for the chosen categories and 0 for any other, -1 staying -1."""
    lookup = np.array([*map(int, chosen), MISSING], dtype=np.int64)
    return np.asarray(lookup[codes])


def _estimate(value: float | None, interval: Interval | None) -> Estimate:
    """Join a coefficient and its interval, without one that has no width.

    Where raters agree on every item, so do they in every resample: the bootstrap then knows
    nothing, and an interval of no width would claim that it knew everything.
    """
    if interval is not None and interval.width == 0:
        interval = None
    return Estimate(
        estimate=value,
        low=None if interval is None else interval.low,
        high=None if interval is None else interval.high,
    )


def _share(
    value: float | None, interval: Interval | None, *, items: int, confidence: float
) -> Estimate:
    """Join percent agreement and its interval, Wilson's where the bootstrap's has no width."""
    if value is not None and interval is not None and interval.width == 0:
        interval = wilson_interval(value * items, items, confidence=confidence)
    return _estimate(value, interval)
