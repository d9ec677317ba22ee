"""Estimates with intervals, and how they read in a sentence."""

import math
from collections.abc import Sequence

import msgspec

from firstmile.statistics.intervals import Interval, wilson, wilson_interval
from firstmile.study.counts import Totals


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """A number with the interval that the data leave for it (None: no interval, or unbounded)."""

    estimate: float | None
    low: float | None
    high: float | None


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """How many of how many, with a Wilson interval for the share."""

    code: str
    count: float
    total: float
    estimate: float
    low: float
    high: float


def estimate(value: float, interval: Interval) -> Estimate:
    """Join a value and its interval; what is nan is None."""
    parts = (float(value), float(interval.low), float(interval.high))
    known = [None if math.isnan(part) else part for part in parts]
    return Estimate(estimate=known[0], low=known[1], high=known[2])


def share_of(count: float, total: float, *, confidence: float) -> Estimate:
    """Return count/total with a Wilson interval; None throughout when the total is 0."""
    if total <= 0:
        return Estimate(estimate=None, low=None, high=None)
    return estimate(count / total, wilson_interval(count, total, confidence=confidence))


def shares(totals: Totals, *, confidence: float) -> tuple[Share, ...]:
    """Return the share of each code of a dimension, in the dimension's order."""
    counts = totals.counts.astype(float)
    total = float(counts.sum())
    low, high = wilson(counts, total, confidence=confidence)
    return tuple(
        Share(
            code=code,
            count=float(counts[i]),
            total=total,
            estimate=float(counts[i] / total) if total else 0.0,
            low=float(low[i]),
            high=float(high[i]),
        )
        for i, code in enumerate(totals.codes)
    )


def percent(value: float | None, *, decimals: int = 1) -> str:
    """Write a share as a percentage; "not known" for None."""
    return "not known" if value is None else f"{100 * value:.{decimals}f}%"


def number(value: float | None, *, decimals: int = 2) -> str:
    """Write a number; thousands are separated, whole counts have no decimals."""
    if value is None:
        return "not known"
    return f"{value:,.{decimals}f}" if value != int(value) or decimals else f"{int(value):,}"


def count_of(value: float) -> str:
    """Write a count: whole where it is whole, else with one decimal (weighted rows)."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def p_value(value: float, *, name: str = "p") -> str:
    """Write a p value as "p = .030" or "p < .001"."""
    if value < 0.001:
        return f"{name} < .001"
    return f"{name} = {value:.3f}".replace(" 0.", " .")


def in_percent(part: Estimate | Share) -> str:
    """Write "31.6% [28.3, 35.1]"."""
    if part.estimate is None or part.low is None or part.high is None:
        return percent(part.estimate)
    return f"{percent(part.estimate)} [{100 * part.low:.1f}, {100 * part.high:.1f}]"


def with_interval(part: Estimate, *, decimals: int = 2) -> str:
    """Write "2.36 [1.90, 2.93]"."""
    if part.estimate is None:
        return "not known"
    if part.low is None or part.high is None:
        return number(part.estimate, decimals=decimals)
    return f"{part.estimate:.{decimals}f} [{part.low:.{decimals}f}, {part.high:.{decimals}f}]"


def listed(words: Sequence[str]) -> str:
    """Join words as "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
