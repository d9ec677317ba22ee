"""Exact bounds for how many of a finite population have a property, from a random sample."""

import numpy as np
import numpy.typing as npt
from scipy import special

from firstmile.statistics.intervals import Interval, tail_probability

FloatArray = npt.NDArray[np.float64]


def log_at_most(successes: int, holders: npt.ArrayLike, *, sample: int, size: int) -> FloatArray:
    """Return the log probability of at most so many successes, for each number of holders.

    `sample` are drawn without replacement from `size`, of whom `holders` (M,) have the property:
    the lower tail of the hypergeometric distribution. -inf where it is impossible. Johnson, Kemp
    and Kotz (2005), Univariate Discrete Distributions, section 6.2.
    """
    _check(successes, sample, size)
    holding = np.asarray(holders, dtype=np.float64)
    if bool(np.any((holding < 0) | (holding > size))):
        raise ValueError("holders must lie between 0 and the size of the population")
    count = np.arange(successes + 1, dtype=np.float64)
    terms = (
        _log_choose(holding[..., None], count)
        + _log_choose(size - holding[..., None], sample - count)
        - _log_choose(np.float64(size), np.float64(sample))
    )
    return np.minimum(special.logsumexp(terms, axis=-1), 0.0)


def most_holders(successes: int, sample: int, size: int, *, confidence: float = 0.95) -> int:
    """Return a one-sided upper bound for how many of the population have the property.

    The largest number under which so few successes or fewer have a probability above 1 less the
    confidence. It holds at least as often as it says, whatever the truth. No sample gives the
    size. Raises ValueError for impossible counts. Katz (1953), Journal of the American
    Statistical Association 48; Buonaccorsi (1987), The American Statistician 41.
    """
    _check(successes, sample, size)
    tail = _one_tail(confidence)
    low, high = successes, size - (sample - successes)
    while low < high:
        middle = (low + high + 1) // 2
        if _lower_tail(successes, middle, sample, size) > tail:
            low = middle
        else:
            high = middle - 1
    return low


def fewest_holders(successes: int, sample: int, size: int, *, confidence: float = 0.95) -> int:
    """Return a one-sided lower bound for how many of the population have the property."""
    return size - most_holders(sample - successes, sample, size, confidence=confidence)


def holders_interval(
    successes: int, sample: int, size: int, *, confidence: float = 0.95
) -> Interval:
    """Return the two-sided exact interval for the number of holders, half the error at each end."""
    one_sided = 1 - tail_probability(confidence)
    return Interval(
        float(fewest_holders(successes, sample, size, confidence=one_sided)),
        float(most_holders(successes, sample, size, confidence=one_sided)),
    )


def _lower_tail(successes: int, holders: int, sample: int, size: int) -> float:
    return float(np.exp(log_at_most(successes, holders, sample=sample, size=size)))


def _log_choose(total: npt.ArrayLike, chosen: npt.ArrayLike) -> FloatArray:
    n = np.asarray(total, dtype=np.float64)
    k = np.asarray(chosen, dtype=np.float64)
    possible = (k >= 0) & (k <= n)
    k = np.where(possible, k, 0.0)
    logs = special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
    return np.where(possible, logs, -np.inf)


def _one_tail(confidence: float) -> float:
    tail_probability(confidence)
    return 1 - confidence


def _check(successes: int, sample: int, size: int) -> None:
    if not 0 <= successes <= sample <= size:
        raise ValueError("counts must satisfy 0 <= successes <= sample <= population size")
