"""Which tests of many families are rejected, one family a simulated table."""

import numpy as np
import numpy.typing as npt

from firstmile.statistics.intervals import FloatArray


def rejected(p: FloatArray, *, level: float) -> npt.NDArray[np.bool_]:
    """Return which p values (families, tests) the Benjamini-Hochberg procedure rejects.

    Each row is a family of its own; equal to `benjamini_hochberg(row) <= level`, without a loop
    over families. Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57.
    """
    tests = p.shape[-1]
    ranked = np.sort(p, axis=-1)
    below = ranked <= level * np.arange(1, tests + 1) / tests
    last = np.where(below.any(axis=-1), tests - 1 - below[..., ::-1].argmax(axis=-1), -1)
    cut = np.where(
        last >= 0, np.take_along_axis(ranked, np.maximum(last, 0)[..., None], -1)[..., 0], -1.0
    )
    return np.asarray(p <= cut[..., None])
