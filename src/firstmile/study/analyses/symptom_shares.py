"""Which symptoms do users report, and how often?"""

from typing import Final

from firstmile.rendering.document import Figure, Grid
from firstmile.study.analysis import Chapter, Example
from firstmile.study.breakdown import (
    Breakdown,
    breakdown,
    breakdown_figures,
    share_grids,
    share_sentences,
)
from firstmile.study.counts import Counts
from firstmile.study.settings import Settings
from firstmile.study.worked import rows

HEADING: Final = "Symptoms"
CHAPTER: Final = Chapter.SHARES
PLACE: Final = 1


def compute(counts: Counts, settings: Settings) -> Breakdown:
    """Compute the shares of symptom classes and leaves."""
    return breakdown("symptom", counts, settings)


def sentences(result: Breakdown) -> tuple[str, ...]:
    """Say which symptoms lead."""
    return share_sentences(result)


def grids(result: Breakdown) -> tuple[Grid, ...]:
    """Return the tables of classes and leaves."""
    return share_grids(result, "symptom-shares")


def figures(result: Breakdown) -> tuple[Figure, ...]:
    """Draw the taxonomy with its counts, and the shares with their intervals."""
    return breakdown_figures(result)


EXAMPLE: Final = Example(
    counts=rows(
        ("crash/process-killed", "hardware/cpu-memory", "inference", 3),
        ("hang/generation", "algorithm/generation-logic", "inference", 1),
    ),
    check=lambda result: (
        result.classes[0].count == 3
        and result.classes[0].estimate == 3 / 4
        and round(result.classes[0].low, 3) == 0.301
    ),
)
