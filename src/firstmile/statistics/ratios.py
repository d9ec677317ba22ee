"""Comparing shares: lift, differences of proportions, odds ratios, and their intervals."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from firstmile.statistics.contingency import expected_counts, many_tables, one_table
from firstmile.statistics.intervals import (
    FloatArray,
    Interval,
    tail_probability,
    wilson,
)

_LARGEST_LOG_ODDS_RATIO = 700.0
_HALVINGS = 64
_FISHER_TIES = 1e-7
"""Tables whose probabilities differ by less, relatively, count as equally probable."""


@dataclass(frozen=True, slots=True)
class OddsRatio:
    """An odds ratio with its interval and the p of Fisher's exact test.

    `estimate` is None where it is infinite or undefined, `high` is None where there is no
    upper bound.
    """

    estimate: float | None
    low: float
    high: float | None
    p: float


def lift(tables: npt.ArrayLike) -> FloatArray:
    """Return each cell's lift (..., R, C): its share over the product of its margins' shares.

    1 means independent; nan where a cell's row or column holds nothing. Brin, Motwani and
    Silverstein (1997), SIGMOD 26, call it interest.
    """
    counts = many_tables(tables)
    expected = expected_counts(counts)
    known = expected > 0
    return np.where(known, counts / np.where(known, expected, 1.0), np.nan)


def lift_intervals(
    table: npt.ArrayLike, *, confidence: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Return the lower and upper bounds of each cell's lift in a table (R, C) of counts.

    With q the row's share of all and g the share of the column in the other rows over its share
    in this row, the lift is 1 / (q + (1 - q) g). Both have closed intervals: Wilson's for q,
    and for g the combination of two Wilson intervals by Donner and Zou (2012), Statistical
    Methods in Medical Research 21, equation 9. Their distances from the estimate are added as
    squares on the log scale, as Zou and Donner (2008), Statistics in Medicine 27, do. An empty
    cell has a low of 0 and a finite high; nan where its row or column holds nothing.
    """
    counts = one_table(table)
    rows = np.broadcast_to(counts.sum(axis=1, keepdims=True), counts.shape)
    columns = np.broadcast_to(counts.sum(axis=0, keepdims=True), counts.shape)
    total = counts.sum()
    known = (rows > 0) & (columns > 0)
    here = counts / np.where(known, rows, 1.0)
    others = np.maximum(total - rows, 0.0)
    elsewhere = np.maximum(columns - counts, 0.0) / np.where(others > 0, others, 1.0)
    here_low, here_high = wilson(counts, rows, confidence=confidence)
    else_low, else_high = wilson(
        np.minimum(np.maximum(columns - counts, 0.0), others), others, confidence=confidence
    )
    row_low, row_high = wilson(rows, np.maximum(total, rows), confidence=confidence)
    share = rows / max(total, 1.0)

    ratio = _quotient(elsewhere, here)
    product = here * elsewhere
    here_below, here_above = here_low * (2 * here - here_low), here_high * (2 * here - here_high)
    else_below = else_low * (2 * elsewhere - else_low)
    else_above = else_high * (2 * elsewhere - else_high)
    # A column that only this row fills has a ratio of 0, and so has the lower limit (0 / 0).
    ratio_low = np.where(
        elsewhere > 0,
        _quotient(
            else_below, product + np.sqrt(np.maximum(0.0, product**2 - here_above * else_below))
        ),
        0.0,
    )
    ratio_high = _quotient(
        product + np.sqrt(np.maximum(0.0, product**2 - here_below * else_above)), here_below
    )
    estimate = _lift(share, ratio)
    empty = counts == 0
    logged = np.log(np.where(empty, 1.0, estimate))
    from_row = np.stack([_log_lift(row_low, ratio, empty), _log_lift(row_high, ratio, empty)])
    below = np.hypot(logged - _log_lift(share, ratio_high, empty), logged - from_row.min(axis=0))
    above = np.hypot(_log_lift(share, ratio_low, empty) - logged, from_row.max(axis=0) - logged)
    low = np.where(empty, 0.0, np.exp(logged - below))
    high = np.where(empty, _lift(share, ratio_low), np.exp(logged + above))
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def newcombe(
    a: npt.ArrayLike, n: float, b: npt.ArrayLike, m: float, *, confidence: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Return the bounds of the hybrid score interval for each a / n - b / m.

    Newcombe (1998), Statistics in Medicine 17, method 10. Raises ValueError where either has no
    trials.
    """
    if n <= 0 or m <= 0:
        raise ValueError("a difference needs two proportions with trials")
    first_low, first_high = wilson(a, n, confidence=confidence)
    second_low, second_high = wilson(b, m, confidence=confidence)
    p, q = np.asarray(a, dtype=np.float64) / n, np.asarray(b, dtype=np.float64) / m
    low = p - q - np.hypot(p - first_low, second_high - q)
    high = p - q + np.hypot(first_high - p, q - second_low)
    return np.maximum(low, -1.0), np.minimum(high, 1.0)


def difference_interval(
    a: float, n: float, b: float, m: float, *, confidence: float = 0.95
) -> Interval:
    """Return the hybrid score interval for a / n - b / m, as `newcombe` does."""
    low, high = newcombe(a, n, b, m, confidence=confidence)
    return Interval(float(low), float(high))


def odds_ratio(a: int, b: int, c: int, d: int, *, confidence: float = 0.95) -> OddsRatio:
    """Return the odds ratio a d / (b c) of a table [[a, b], [c, d]] with interval and p.

    The interval inverts the mid-p version of Fisher's exact test, so empty cells need no
    correction: Agresti (2013), Categorical Data Analysis, section 16.6.4. The two-sided p is
    Fisher's, summing all tables that are at most as probable: the same, section 3.5.3. With an
    empty margin nothing is known: no estimate, 0 to no upper bound, p 1. Raises ValueError for
    counts that are negative or not whole.
    """
    cells = (a, b, c, d)
    if any(cell < 0 or cell != int(cell) for cell in cells):
        raise ValueError(f"an odds ratio needs four whole counts, not {cells}")
    tail = tail_probability(confidence)
    a, b, c, d = (int(cell) for cell in cells)
    estimate = a * d / (b * c) if b * c > 0 else None
    if min(a + b, c + d, a + c, b + d) == 0:
        return OddsRatio(None, 0.0, None, 1.0)
    support, logged = _corner_counts(a, b, c, d)
    return OddsRatio(
        estimate=estimate,
        low=0.0 if a * d == 0 else _solve(support, logged, a, tail, upper=True),
        high=None if b * c == 0 else _solve(support, logged, a, tail, upper=False),
        p=_fisher_p(a, b, c, d),
    )


def _lift(share: FloatArray, ratio: FloatArray) -> FloatArray:
    """Return 1 / (q + (1 - q) g); an infinite g, of an empty cell, gives 0."""
    infinite = np.isinf(ratio)
    result = 1.0 / np.maximum(share + (1 - share) * np.where(infinite, 1.0, ratio), 1e-300)
    return np.where(infinite, 0.0, result)


def _log_lift(share: FloatArray, ratio: FloatArray, empty: npt.NDArray[np.bool_]) -> FloatArray:
    """Return the log of the lift; 0 for an empty cell, whose lift has none."""
    return np.asarray(np.log(np.where(empty, 1.0, _lift(share, np.where(empty, 1.0, ratio)))))


def _quotient(top: FloatArray, bottom: FloatArray) -> FloatArray:
    """Divide; infinite where only the divisor is 0, and 1 where both are."""
    known = bottom > 0
    quotient = top / np.where(known, bottom, 1.0)
    return np.where(known, quotient, np.where(top > 0, np.inf, 1.0))


def _corner_counts(a: int, b: int, c: int, d: int) -> tuple[FloatArray, FloatArray]:
    """Return the counts near a that margins allow for the first cell, and their log weights.

    Counts further away than twenty standard deviations weigh nothing at any odds ratio within
    the interval.
    """
    spread = 1 / np.sqrt(sum(1 / (cell + 0.5) for cell in (a, b, c, d)))
    reach = int(20 * spread) + 50
    support = np.arange(max(-min(a, d), -reach), min(b, c, reach) + 1) + a
    return support.astype(np.float64), _log_weights(support, a, b, c, d)


def _log_weights(support: npt.ArrayLike, a: int, b: int, c: int, d: int) -> FloatArray:
    """Return the log probability, up to a constant, of each first cell under independence."""
    x = np.asarray(support, dtype=np.float64)
    return -np.asarray(
        special.gammaln(x + 1)
        + special.gammaln(a + b - x + 1)
        + special.gammaln(a + c - x + 1)
        + special.gammaln(d - a + x + 1)
    )


def _solve(support: FloatArray, logged: FloatArray, a: int, tail: float, *, upper: bool) -> float:
    """Return the odds ratio at which the mid-p tail beyond a holds the wanted probability."""
    beyond = (support > a) if upper else (support < a)
    weight = np.where(beyond, 1.0, np.where(support == a, 0.5, 0.0))

    def held(log_odds_ratio: float) -> float:
        terms = logged + log_odds_ratio * (support - a)
        chance = np.exp(terms - terms.max())
        return float((chance * weight).sum() / chance.sum())

    below, above = -_LARGEST_LOG_ODDS_RATIO, _LARGEST_LOG_ODDS_RATIO
    for _ in range(_HALVINGS):
        middle = (below + above) / 2
        if (held(middle) > tail) is upper:
            above = middle
        else:
            below = middle
    return float(np.exp((below + above) / 2))


def _fisher_p(a: int, b: int, c: int, d: int) -> float:
    total = a + b + c + d
    middle = (a + b) * (a + c) / total
    spread = np.sqrt((a + b) * (c + d) * (a + c) * (b + d) / total**2 / max(1, total - 1))
    reach = 20 * spread + 50
    lowest = max(0, a - d, int(min(middle - reach, a)))
    highest = min(a + b, a + c, int(max(middle + reach, a)) + 1)
    logged = _log_weights(np.arange(lowest, highest + 1), a, b, c, d)
    chance = np.exp(logged - logged.max())
    observed = chance[a - lowest]
    p = chance[chance <= observed * (1 + _FISHER_TIES)].sum() / chance.sum()
    return min(1.0, float(p))
