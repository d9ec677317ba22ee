"""Which root causes stand behind the failures, and how often?"""

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

HEADING: Final = "Root causes"
CHAPTER: Final = Chapter.SHARES
PLACE: Final = 2


def compute(counts: Counts, settings: Settings) -> Breakdown:
    """Compute the shares of cause classes and leaves."""
    return breakdown("cause", counts, settings)


def sentences(result: Breakdown) -> tuple[str, ...]:
    """Say which root causes lead."""
    return share_sentences(result)


def grids(result: Breakdown) -> tuple[Grid, ...]:
    """Return the tables of classes and leaves."""
    return share_grids(result, "cause-shares")


def figures(result: Breakdown) -> tuple[Figure, ...]:
    """Draw the taxonomy with its counts, and the shares with their intervals."""
    return breakdown_figures(result)


EXAMPLE: Final = Example(
    counts=rows(
        ("crash/process-killed", "hardware/cpu-memory", "inference", 1),
        ("crash/process-killed", "hardware/gpu-memory", "inference", 1),
        ("hang/generation", "algorithm/generation-logic", "inference", 2),
    ),
    check=lambda result: (
        [share.count for share in result.classes if share.count] == [2, 2]
        and result.lead.estimate == 0
        and result.lead.low < 0 < result.lead.high
    ),
)
