"""Which symptoms at the finest level point to which causes at the finest level?"""

from typing import Final

import msgspec

from firstmile.rendering.document import Figure, Grid
from firstmile.study.analysis import Chapter, Example
from firstmile.study.association import Association, associate
from firstmile.study.counts import Counts
from firstmile.study.crosstab import (
    association_sentence,
    significance_sentence,
    standing_grid,
)
from firstmile.study.estimates import count_of, in_percent, with_interval
from firstmile.study.names import full_name
from firstmile.study.settings import Settings
from firstmile.study.worked import rows

HEADING: Final = "Symptom by root cause at the finest level"
CHAPTER: Final = Chapter.ASSOCIATION
PLACE: Final = 2

MOST_DRAWS: Final = 1_999
"""Fewer than at class level: the table has twenty times the cells, nearly all sparse."""


def compute(counts: Counts, settings: Settings) -> Association:
    """Cross symptom and cause leaves; keep only the cells that hold failures or stand out."""
    table = counts.table("symptom_leaf", "cause_leaf")
    whole = associate(
        table,
        settings,
        "leaf symptom by leaf cause",
        most_draws=MOST_DRAWS,
    )
    kept = tuple(cell for cell in whole.cells if cell.count or cell.significant)
    return msgspec.structs.replace(whole, cells=kept)


def sentences(result: Association) -> tuple[str, ...]:
    """Say the association and the pairs that stand out most."""
    strongest = [cell for cell in result.significant if cell.residual > 0][:5]
    return (
        association_sentence(result),
        significance_sentence(result),
        *(
            f"{full_name(cell.row)} goes with {full_name(cell.column)}: {count_of(cell.count)} "
            f"failures, lift {with_interval(cell.lift, decimals=1)}; "
            f"{in_percent(cell.share_of_row)} of the symptom has this cause."
            for cell in strongest
        ),
    )


def grids(result: Association) -> tuple[Grid, ...]:
    """Return the pairs that stand out."""
    return (standing_grid(result, "leaf-symptom-by-leaf-cause"),)


def figures(_result: Association) -> tuple[Figure, ...]:
    """Draw nothing: the table of pairs is the picture."""
    return ()


EXAMPLE: Final = Example(
    counts=rows(
        ("crash/process-killed", "hardware/cpu-memory", "inference", 12),
        ("crash/cuda/out-of-memory", "hardware/gpu-memory", "inference", 12),
        ("loading/tokenizer", "tokenizer/file", "inference", 12),
    ),
    check=lambda result: (
        round(result.cramers_v, 6) == 1.0
        and result.cell("crash/process-killed", "hardware/cpu-memory").lift.estimate == 3.0
    ),
)
