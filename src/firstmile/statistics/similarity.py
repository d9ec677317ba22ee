"""How alike profiles are: correlation, divergence, total variation, and its interval."""

import numpy as np
import numpy.typing as npt
from scipy import special

from firstmile.statistics.contingency import whole_counts
from firstmile.statistics.intervals import FloatArray, IntArray, Interval, tail_probability
from firstmile.statistics.ratios import newcombe

_BORROWED = 4.0
"""Failures of the pooled profile that each profile borrows (as many as Agresti and Coull 1998)."""


def pearson(a: npt.ArrayLike, b: npt.ArrayLike) -> FloatArray:
    """Return Pearson's correlation (...) of profiles (..., K) over the last axis.

    Counts and shares give the same. nan where a profile is the same everywhere.
    """
    first, second = _pair(a, b)
    first = first - first.mean(axis=-1, keepdims=True)
    second = second - second.mean(axis=-1, keepdims=True)
    product = (first * second).sum(axis=-1)
    size = np.sqrt((first**2).sum(axis=-1) * (second**2).sum(axis=-1))
    known = size > 0
    return np.where(known, np.clip(product / np.where(known, size, 1.0), -1.0, 1.0), np.nan)


def spearman(a: npt.ArrayLike, b: npt.ArrayLike) -> FloatArray:
    """Return Spearman's rank correlation (...) of profiles (..., K) over the last axis.

    Ties have their average rank; nan where a profile is the same everywhere. Spearman (1904),
    American Journal of Psychology 15.
    """
    first, second = _pair(a, b)
    return pearson(_average_ranks(first), _average_ranks(second))


def jensen_shannon(a: npt.ArrayLike, b: npt.ArrayLike) -> FloatArray:
    """Return the Jensen-Shannon divergence (...) in bits of profiles (..., K): 0 to 1.

    It is the divergence, not its square root, the distance. Counts are turned into shares; nan
    where a profile is empty. Lin (1991), IEEE Transactions on Information Theory 37.
    """
    p, q = _shares(a, b)
    middle = (p + q) / 2
    divergence = (special.rel_entr(p, middle) + special.rel_entr(q, middle)).sum(axis=-1)
    return np.asarray(np.clip(divergence / (2 * np.log(2)), 0.0, 1.0))


def total_variation(a: npt.ArrayLike, b: npt.ArrayLike) -> FloatArray:
    """Return the total variation (...) of profiles (..., K): half the absolute difference.

    It is the largest difference in the share of any set of categories, 0 to 1. Counts are
    turned into shares; nan where a profile is empty. Levin and Peres (2017), Markov Chains and
    Mixing Times, proposition 4.2.
    """
    p, q = _shares(a, b)
    return np.asarray(np.minimum(np.abs(p - q).sum(axis=-1) / 2, 1.0))


def total_variation_interval(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    *,
    replicates: int,
    generator: np.random.Generator,
    confidence: float = 0.95,
) -> Interval:
    """Return an interval for the total variation of the populations behind two counts (K,).

    It covers more often than it says wherever that was measured (docs/interval-coverage.md),
    also at 0, so it may carry a claim that two profiles are alike. A percentile bootstrap may
    not: its replicates lie too far from 0. Total variation is the difference in share of the
    set of categories in which it is largest. So high is the largest upper bound (`newcombe`) of
    any set's difference, searched by moving one or two categories at a time. And the observed
    total variation exceeds the true one by at most that of the sampling errors, so low is the
    observed less an upper quantile of the latter among bootstrap replicates. Raises ValueError
    where a profile is empty or not of whole counts.
    """
    counts = whole_counts(np.stack([np.asarray(a), np.asarray(b)]))
    sizes = counts.sum(axis=1)
    if sizes.min() == 0:
        raise ValueError("an empty profile has no total variation")
    shares = counts / sizes[:, None]
    # A profile of one or two failures has no sampling error of its own to speak of, so some
    # failures of the pooled profile are added before its errors are drawn.
    pooled = counts.sum(axis=0) / counts.sum()
    drawn_from = (counts + _BORROWED * pooled) / (sizes[:, None] + _BORROWED)
    errors = [
        generator.multinomial(size, share, size=replicates) / size - share
        for size, share in zip(sizes, drawn_from, strict=True)
    ]
    distances = np.abs(errors[0] - errors[1]).sum(axis=-1) / 2
    error = float(np.quantile(distances, 1 - tail_probability(confidence)))
    observed = float(total_variation(*shares))
    return Interval(max(0.0, observed - error), _largest_difference(counts, confidence))


def _largest_difference(counts: IntArray, confidence: float) -> float:
    """Return the largest upper bound of the difference in share of any set of categories."""
    first, second = counts
    n, m = float(first.sum()), float(second.sum())
    inside = first * m > second * n
    one = np.eye(inside.size, dtype=bool)
    exchanges = (one[:, None] | one[None]).reshape(-1, inside.size)
    largest = -np.inf
    while True:
        sets = np.vstack([inside, inside ^ exchanges])
        _, upper = newcombe(sets @ first, n, sets @ second, m, confidence=confidence)
        best = int(upper.argmax())
        if upper[best] <= largest:
            return float(largest)
        largest, inside = float(upper[best]), sets[best]


def _pair(a: npt.ArrayLike, b: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    return np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)


def _shares(a: npt.ArrayLike, b: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    first, second = _pair(a, b)
    return _normalized(first), _normalized(second)


def _normalized(values: FloatArray) -> FloatArray:
    if not bool(np.all(values >= 0)):
        raise ValueError("a profile holds counts or shares, none of them negative")
    total = values.sum(axis=-1, keepdims=True)
    known = total > 0
    return np.where(known, values / np.where(known, total, 1.0), np.nan)


def _average_ranks(values: FloatArray) -> FloatArray:
    here, there = values[..., :, None], values[..., None, :]
    below = (there < here).sum(axis=-1)
    same = (there == here).sum(axis=-1)
    return np.asarray(below + (same + 1) / 2)
