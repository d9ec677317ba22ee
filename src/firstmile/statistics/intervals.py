"""Intervals for one proportion, and percentile intervals of bootstrap replicates."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A closed interval from `low` to `high`."""

    low: float
    high: float

    @property
    def width(self) -> float:
        """The distance between the bounds."""
        return self.high - self.low

    def contains(self, x: float) -> bool:
        """Say whether a value lies inside; the bounds count as inside."""
        return self.low <= x <= self.high


def tail_probability(confidence: float) -> float:
    """Return the probability that a two-sided interval leaves out at either end.

    Raises ValueError unless the confidence lies strictly between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence lies strictly between 0 and 1, not at {confidence}")
    return (1 - confidence) / 2


def normal_quantile(confidence: float) -> float:
    """Return the standard normal deviate of a two-sided interval: 1.96 for .95."""
    return -float(special.ndtri(tail_probability(confidence)))


def wilson(
    successes: npt.ArrayLike, trials: npt.ArrayLike, *, confidence: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Return the lower and upper bounds of Wilson's score interval for each proportion.

    Successes and trials broadcast against each other and may be fractions, as weighted counts
    are; no trials at all give 0 and 1. Raises ValueError where successes are not within 0 and
    trials. Wilson (1927), Journal of the American Statistical Association 22; Brown, Cai and
    DasGupta (2001), Statistical Science 16, equation 4.
    """
    x, n = _proportions(successes, trials)
    z = normal_quantile(confidence)
    known = n > 0
    n = np.where(known, n, 1.0)
    middle = (x + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * np.sqrt(x * (n - x) / n + z * z / 4)
    share = x / n
    low = np.where(x > 0, np.clip(middle - half, 0.0, share), 0.0)
    high = np.where(x < n, np.clip(middle + half, share, 1.0), 1.0)
    return np.where(known, low, 0.0), np.where(known, high, 1.0)


def wilson_interval(successes: float, trials: float, *, confidence: float = 0.95) -> Interval:
    """Return Wilson's score interval for one proportion, as `wilson` does."""
    low, high = wilson(successes, trials, confidence=confidence)
    return Interval(float(low), float(high))


def clopper_pearson_interval(
    successes: float, trials: float, *, confidence: float = 0.95
) -> Interval:
    """Return the exact interval for a proportion, which covers at least as often as it says.

    No trials give 0 and 1; raises ValueError where successes are not within 0 and trials.
    Clopper and Pearson (1934), Biometrika 26.
    """
    _proportions(successes, trials)
    tail = tail_probability(confidence)
    failures = trials - successes
    low = special.betaincinv(successes, failures + 1, tail) if successes > 0 else 0.0
    high = special.betaincinv(successes + 1, failures, 1 - tail) if failures > 0 else 1.0
    return Interval(float(low), float(high))


def percentile(
    replicates: npt.ArrayLike, *, confidence: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Return the percentile bounds of replicates (B, ...) over the first axis, each (...).

    Replicates that are nan (a statistic that was undefined in a resample) are left out; a cell
    that is nan in all of them has nan bounds. Efron and Tibshirani (1993), An Introduction to
    the Bootstrap, section 13.3.
    """
    tail = tail_probability(confidence)
    values = np.asarray(replicates, dtype=np.float64)
    if values.ndim == 0 or values.shape[0] == 0:
        raise ValueError("percentile bounds need at least one replicate")
    undefined = np.isnan(values)
    if not undefined.any():
        bounds = np.quantile(values, [tail, 1 - tail], axis=0)
    else:
        never = undefined.all(axis=0)
        bounds = np.nanquantile(np.where(never, 0.0, values), [tail, 1 - tail], axis=0)
        bounds = np.where(never, np.nan, bounds)
    return bounds[0], bounds[1]


def _proportions(successes: npt.ArrayLike, trials: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    x = np.asarray(successes, dtype=np.float64)
    n = np.asarray(trials, dtype=np.float64)
    if not bool(np.all((x >= 0) & (x <= n))):
        raise ValueError("successes must lie between 0 and the number of trials")
    return x, n
