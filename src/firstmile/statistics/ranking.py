"""The difference between two shares of the same whole, as when one category leads another."""

import math

from firstmile.statistics.intervals import Interval, normal_quantile


def lead_interval(a: float, b: float, n: float, *, confidence: float = 0.95) -> Interval:
    """Return the adjusted Wald interval for a / n - b / n, two cells of one multinomial.

    One failure is added to each of the two cells before the Wald interval for correlated shares
    is taken; it is widened to hold the observed difference where that lies outside. Raises
    ValueError unless a and b are counts within n, which is above 0. Bonett and Price (2012),
    Journal of Educational and Behavioral Statistics 37, equation 5.
    """
    if not (a >= 0 and b >= 0 and n > 0 and a + b <= n):
        raise ValueError("the two cells are counts of one whole of at least one failure")
    p, q = (a + 1) / (n + 2), (b + 1) / (n + 2)
    half = normal_quantile(confidence) * math.sqrt((p + q - (p - q) ** 2) / (n + 2))
    observed = (a - b) / n
    low, high = min(observed, p - q - half), max(observed, p - q + half)
    return Interval(max(-1.0, low), min(1.0, high))
