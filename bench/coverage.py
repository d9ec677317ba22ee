"""Whether intervals hold the truth, counted over simulated data sets."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from zlib import crc32

import numpy as np

from bench.populations import FloatArray, IntArray
from firstmile.statistics.intervals import Interval

NOMINAL: Final = 0.95
ROUNDING: Final = 1e-9
"""By how much a bound may miss the truth for being rounded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How often one interval covered in one setting; `covered` counts data sets.

    `covered` is a fraction where a data set has several intervals, of which it is the share
    that covered. `width` is the mean width, infinite where an interval was unbounded. `picked`
    says that the setting was chosen for its result.
    """

    interval: str
    setting: str
    covered: float
    data_sets: int
    width: float
    picked: bool = False

    @property
    def share(self) -> float:
        """The measured coverage."""
        return self.covered / self.data_sets


def of_outcomes(
    name: str,
    setting: str,
    outcomes: IntArray,
    truth: float,
    method: Callable[..., Interval],
) -> Coverage:
    """Judge each distinct outcome (a row of counts) once."""
    distinct, times = np.unique(outcomes, axis=0, return_counts=True)
    found = [method(*(int(count) for count in outcome)) for outcome in distinct]
    covers = np.array([_covers(each, truth) for each in found])
    widths = np.array([each.width for each in found])
    return Coverage(
        interval=name,
        setting=setting,
        covered=float((covers * times).sum()),
        data_sets=len(outcomes),
        width=float((widths * times).sum() / times.sum()),
    )


def of_intervals(name: str, setting: str, found: list[Interval], truth: float) -> Coverage:
    """Judge one interval of each data set."""
    return Coverage(
        interval=name,
        setting=setting,
        covered=float(sum(_covers(each, truth) for each in found)),
        data_sets=len(found),
        width=float(np.mean([each.width for each in found])),
    )


def _covers(interval: Interval, truth: float) -> bool:
    return interval.low - ROUNDING <= truth <= interval.high + ROUNDING


def stream(seed: int, *names: str) -> np.random.Generator:
    """Return the generator of a setting, which depends on no other setting."""
    return np.random.default_rng([seed, crc32(" ".join(names).encode())])


def tables_of(
    shares: FloatArray, total: int, data_sets: int, generator: np.random.Generator
) -> IntArray:
    """Draw tables of that total from the shares of their cells."""
    drawn = generator.multinomial(total, shares.ravel() / shares.sum(), size=data_sets)
    return drawn.reshape(data_sets, *shares.shape)
