"""A trend of shares over ordered groups."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from firstmile.statistics.intervals import FloatArray


@dataclass(frozen=True, slots=True)
class Trend:
    """`slope` is the change of the share a step; `z` and two-sided `p` test it against none."""

    slope: float
    z: float
    p: float


def share_trend(successes: npt.ArrayLike, trials: npt.ArrayLike) -> Trend:
    """Test for a linear trend of `successes` out of `trials` over groups 0, 1, 2, ...

    Groups without trials are ignored. Without two groups, or with no or only successes, there
    is no trend: slope and z are 0 and p is 1. Cochran (1954), Biometrics 10; Armitage (1955),
    Biometrics 11.
    """
    hits: FloatArray = np.asarray(successes, dtype=float)
    totals: FloatArray = np.asarray(trials, dtype=float)
    steps = np.arange(len(totals), dtype=float)
    n = totals.sum()
    if n == 0 or (totals > 0).sum() < 2:
        return Trend(0.0, 0.0, 1.0)
    share = hits.sum() / n
    center = (steps * totals).sum() / n
    spread = (totals * (steps - center) ** 2).sum()
    variance = share * (1 - share) * spread
    if variance <= 0:
        return Trend(0.0, 0.0, 1.0)
    moment = (hits * (steps - center)).sum()
    z = float(moment / np.sqrt(variance))
    return Trend(float(moment / spread), z, float(2 * ndtr(-abs(z))))
