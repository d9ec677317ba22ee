"""Adjusting a family of p values for the number of tests in it."""

import numpy as np
import numpy.typing as npt

from firstmile.statistics.intervals import FloatArray


def benjamini_hochberg(p: npt.ArrayLike) -> FloatArray:
    """Return p values adjusted to control the false discovery rate, in the same shape.

    All values that are not nan are one family; nan (a test that could not be made) stays nan
    and does not count. Raises ValueError for values outside 0 to 1. Benjamini and Hochberg
    (1995), Journal of the Royal Statistical Society B 57; adjusted values as in Yekutieli and
    Benjamini (1999), Journal of Statistical Planning and Inference 82, definition 2.4.
    """
    values, known, order = _family(p)
    ranked = values[known][order]
    size = ranked.size
    steps = ranked * size / np.arange(1, size + 1)
    adjusted = np.minimum.accumulate(steps[::-1])[::-1]
    return _restored(np.minimum(adjusted, 1.0), values, known, order)


def holm(p: npt.ArrayLike) -> FloatArray:
    """Return p values adjusted to control the chance of any false discovery, in the same shape.

    All values that are not nan are one family; nan stays nan and does not count. Raises
    ValueError for values outside 0 to 1. Holm (1979), Scandinavian Journal of Statistics 6.
    """
    values, known, order = _family(p)
    ranked = values[known][order]
    size = ranked.size
    adjusted = np.maximum.accumulate(ranked * np.arange(size, 0, -1))
    return _restored(np.minimum(adjusted, 1.0), values, known, order)


def _family(
    p: npt.ArrayLike,
) -> tuple[FloatArray, npt.NDArray[np.bool_], npt.NDArray[np.intp]]:
    values = np.asarray(p, dtype=np.float64)
    known = ~np.isnan(values)
    family = values[known]
    if not bool(np.all((family >= 0) & (family <= 1))):
        raise ValueError("p values lie between 0 and 1")
    return values, known, np.argsort(family, kind="stable")


def _restored(
    adjusted: FloatArray,
    values: FloatArray,
    known: npt.NDArray[np.bool_],
    order: npt.NDArray[np.intp],
) -> FloatArray:
    family = np.empty_like(adjusted)
    family[order] = adjusted
    result = np.full(values.shape, np.nan)
    result[known] = family
    return result
