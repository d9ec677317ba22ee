"""The populations that interval coverage is simulated from: the published tables and totals."""

from typing import Final

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def _table(*rows: str) -> IntArray:
    return np.array([[int(count) for count in row.split()] for row in rows])


SYMPTOM_BY_CAUSE: Final = _table(
    "100 51 25 26 24 4 41 22 2",
    "58 59 36 19 1 41 3 21 2",
    "53 14 10 19 18 6 2 0 15",
    "5 4 0 0 8 0 0 2 0",
    "7 2 0 1 3 0 1 1 0",
)
SERIES_BY_SYMPTOM: Final = _table("25 41 17 2 1", "85 32 45 9 0", "185 167 75 8 14")
SERIES_BY_CAUSE: Final = _table(
    "18 15 14 12 5 5 6 9 2", "45 27 6 9 28 16 24 6 10", "160 88 51 44 21 30 17 31 7"
)
STAGE_BY_SYMPTOM: Final = _table("81 30 27 7 4", "214 210 110 12 11")
PUBLISHED: Final = {
    "symptom x cause": SYMPTOM_BY_CAUSE,
    "series x symptom": SERIES_BY_SYMPTOM,
    "series x cause": SERIES_BY_CAUSE,
    "stage x symptom": STAGE_BY_SYMPTOM,
}

SYMPTOM_LEAVES: Final = (
    (56, 32, 18, 11, 4, 9, 32, 20, 17, 15, 12, 9, 7, 8, 18, 14, 3, 10),
    (96, 46, 28, 19, 15, 8, 7, 6, 12, 2, 1),
    (111, 12, 14),
    (12, 7),
    (11, 3, 1),
)
"""The totals of the leaves of each row of SYMPTOM_BY_CAUSE."""

CAUSE_LEAVES: Final = (
    (156, 47, 20),
    (84, 46),
    (34, 37),
    (35, 24, 6),
    (31, 16, 7),
    (34, 12, 5),
    (32, 15),
    (29, 13, 2, 2),
    (6, 5, 5, 3),
)
"""The totals of the leaves of each column of SYMPTOM_BY_CAUSE."""


def independent(table: IntArray) -> FloatArray:
    """Return the shares (R, C) that a table's margins give under independence."""
    shares: FloatArray = table / table.sum()
    null: FloatArray = shares.sum(axis=1, keepdims=True) * shares.sum(axis=0)
    return null


def weakened(table: IntArray, strength: float) -> FloatArray:
    """Return shares between independence (0) and a table (1); Cramer's V is proportional."""
    null = independent(table)
    mixed: FloatArray = null + strength * (table / table.sum() - null)
    return mixed


def leaf_shares(strength: float) -> FloatArray:
    """Return shares (37, 26) of symptom leaves by cause leaves.

    Leaves have their published totals, and the lift of their classes at the given strength.
    """
    lift = weakened(SYMPTOM_BY_CAUSE, strength) / independent(SYMPTOM_BY_CAUSE)
    rows = np.repeat(np.arange(len(SYMPTOM_LEAVES)), [len(each) for each in SYMPTOM_LEAVES])
    columns = np.repeat(np.arange(len(CAUSE_LEAVES)), [len(each) for each in CAUSE_LEAVES])
    of_rows = np.concatenate(SYMPTOM_LEAVES) / SYMPTOM_BY_CAUSE.sum()
    of_columns = np.concatenate(CAUSE_LEAVES) / SYMPTOM_BY_CAUSE.sum()
    shares: FloatArray = of_rows[:, None] * of_columns * lift[rows][:, columns]
    return shares


def population_v(shares: FloatArray) -> float:
    """Return Cramer's V of a population's shares (R, C)."""
    null = shares.sum(axis=1, keepdims=True) * shares.sum(axis=0)
    phi_squared = float(((shares - null) ** 2 / null).sum())
    return float(np.sqrt(phi_squared / (min(shares.shape) - 1)))


def shifted(shares: FloatArray, distance: float, *, spread: bool) -> FloatArray:
    """Return a profile (K,) at a total variation from another.

    Spread, every second category loses in proportion to its share and the rest gain; else the
    largest category loses to the second largest. Raises ValueError where the shares do not
    allow the distance.
    """
    if spread:
        direction = np.where(np.arange(shares.size) % 2 == 0, -shares, 0.0)
        gaining = np.where(np.arange(shares.size) % 2 == 0, 0.0, shares)
        direction = direction / -direction.sum() + gaining / gaining.sum()
    else:
        order = np.argsort(-shares)
        direction = np.zeros(shares.size)
        direction[order[0]], direction[order[1]] = -1.0, 1.0
    moved: FloatArray = shares + distance * direction
    if moved.min() < 0:
        raise ValueError(f"the profile cannot be moved by {distance}")
    return moved
