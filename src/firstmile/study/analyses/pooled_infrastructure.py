"""Do crashes point to infrastructure once environment, distributed and hardware are pooled?"""

from typing import Final

import msgspec
import numpy as np

from firstmile.rendering.document import Figure, Grid
from firstmile.study.analysis import Chapter, Example
from firstmile.study.contrasts import (
    Contrast,
    contrast,
    contrast_grid,
    points,
)
from firstmile.study.counts import Counts, NotKnown, Table, require_terms
from firstmile.study.estimates import in_percent, listed, p_value, with_interval
from firstmile.study.names import name_of
from firstmile.study.settings import Settings
from firstmile.study.worked import rows

HEADING: Final = "Crashes and infrastructure, pooled"
CHAPTER: Final = Chapter.ASSOCIATION
PLACE: Final = 3
EXPLORATORY: Final = True
PUBLISHED_SET_NOTES: Final = (
    "The pooling was chosen after seeing the data, so this is exploratory: a new set of failures "
    "would have to confirm it.",
)
"""Notes that are true of the failures by which the pool was chosen, and of no others."""

SYMPTOM: Final = "crash"
POOL: Final = ("environment", "distributed", "hardware")


class PooledInfrastructure(msgspec.Struct, frozen=True, kw_only=True):
    """Crashes against all other failures: the pool, and each of its parts alone."""

    pooled: Contrast
    parts: tuple[Contrast, ...]


def compute(counts: Counts, settings: Settings) -> PooledInfrastructure:
    """Compare how often crashes and other failures have an infrastructure cause."""
    require_terms(counts, (SYMPTOM, *POOL))
    table = counts.table("symptom", "cause")
    if not table.counts.sum(axis=1)[table.row_codes.index(SYMPTOM)]:
        raise NotKnown("the source has no crash")
    if not np.delete(table.counts, table.row_codes.index(SYMPTOM), axis=0).sum():
        raise NotKnown("the source has crashes only")
    return PooledInfrastructure(
        pooled=_contrast(table, POOL, "infrastructure", settings),
        parts=tuple(_contrast(table, (code,), code, settings) for code in POOL),
    )


def _contrast(table: Table, codes: tuple[str, ...], name: str, settings: Settings) -> Contrast:
    columns = [table.column_codes.index(code) for code in codes]
    row = table.row_codes.index(SYMPTOM)
    crash, other = table.counts[row], np.delete(table.counts, row, axis=0).sum(axis=0)
    return contrast(
        dimension="cause",
        category=name,
        names=("crashes", "other failures"),
        counts=(float(crash[columns].sum()), float(other[columns].sum())),
        totals=(float(crash.sum()), float(other.sum())),
        settings=settings,
    )


def sentences(result: PooledInfrastructure) -> tuple[str, ...]:
    """Say the pooled contrast, and what each part does alone."""
    pool = result.pooled
    names = listed([name_of("cause", code) for code in POOL])
    return (
        f"{names} together stand behind {in_percent(pool.first_share)} of crashes and "
        f"{in_percent(pool.second_share)} of other failures: {points(pool.difference)}, odds ratio "
        f"{with_interval(pool.odds_ratio)} ({p_value(pool.p)}).",
        *(
            f"{name_of('cause', part.category)} alone: {in_percent(part.first_share)} against "
            f"{in_percent(part.second_share)}, {points(part.difference)} ({p_value(part.p)})."
            for part in result.parts
        ),
    )


def grids(result: PooledInfrastructure) -> tuple[Grid, ...]:
    """Return the contrasts."""
    return (
        contrast_grid(
            (result.pooled, *result.parts),
            name="pooled-infrastructure",
            caption="Infrastructure causes of crashes and of other failures",
            note="Exploratory: the pool was chosen by the published set.",
        ),
    )


def figures(_result: PooledInfrastructure) -> tuple[Figure, ...]:
    """Draw nothing: four numbers read better as a table."""
    return ()


EXAMPLE: Final = Example(
    counts=rows(
        ("crash/process-killed", "hardware/cpu-memory", "inference", 6),
        ("crash/process-killed", "tokenizer/file", "inference", 4),
        ("loading/tokenizer", "environment/cuda-version", "inference", 2),
        ("loading/tokenizer", "tokenizer/file", "inference", 8),
    ),
    check=lambda result: (
        result.pooled.odds_ratio.estimate == 6
        and round(result.pooled.difference.estimate, 6) == 4 / 10
    ),
)
