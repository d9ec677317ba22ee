"""Which failures are still open, and which are closed?

Closed does not mean resolved: trackers close stale issues, so this says what maintainers still
list, not what was repaired.
"""

from typing import Final

import msgspec

from firstmile.rendering.document import Figure, Grid
from firstmile.study.analysis import Chapter, Example
from firstmile.study.association import Association, associate
from firstmile.study.counts import Counts, NotKnown
from firstmile.study.crosstab import crosstab_grids, crosstab_sentences
from firstmile.study.estimates import Share, count_of, in_percent, shares
from firstmile.study.settings import Settings
from firstmile.study.worked import rows

HEADING: Final = "Open and closed"
CHAPTER: Final = Chapter.REPOSITORIES
PLACE: Final = 2


class OpenAndClosed(msgspec.Struct, frozen=True, kw_only=True):
    """Shares of statuses, and status crossed with symptoms and causes."""

    statuses: tuple[Share, ...]
    symptoms: Association | None
    causes: Association | None


def compute(counts: Counts, settings: Settings) -> OpenAndClosed:
    """Cross status with symptom and cause classes."""
    statuses = shares(counts.totals("status"), confidence=settings.confidence)
    crossed: dict[str, Association | None] = {}
    for axis in ("symptom", "cause"):
        try:
            crossed[axis] = associate(counts.table(axis, "status"), settings, f"{axis} by status")
        except NotKnown:
            crossed[axis] = None
    return OpenAndClosed(
        statuses=statuses,
        symptoms=crossed["symptom"],
        causes=crossed["cause"],
    )


def sentences(result: OpenAndClosed) -> tuple[str, ...]:
    """Say the shares, and whether any symptom or cause stays open more often."""
    spoken = [
        f"{share.code}: {count_of(share.count)} failures or {in_percent(share)}."
        for share in result.statuses
        if share.count
    ]
    for crossed in (result.symptoms, result.causes):
        if crossed is not None:
            spoken += crosstab_sentences(crossed, cells=2)
    return tuple(spoken)


def grids(result: OpenAndClosed) -> tuple[Grid, ...]:
    """Return both crossings."""
    found: list[Grid] = []
    for name, crossed in (("symptom", result.symptoms), ("cause", result.causes)):
        if crossed is not None:
            found += crosstab_grids(crossed, f"{name}-by-status")
    return tuple(found)


def figures(_result: OpenAndClosed) -> tuple[Figure, ...]:
    """Draw nothing: two columns read better as a table."""
    return ()


EXAMPLE: Final = Example(
    counts=rows(
        ("crash/process-killed", "hardware/cpu-memory", "inference", 9),
        ("crash/process-killed", "hardware/cpu-memory", "inference", 1),
        ("loading/tokenizer", "tokenizer/file", "inference", 1),
        ("loading/tokenizer", "tokenizer/file", "inference", 9),
        status=("open", "closed", "open", "closed"),
    ),
    check=lambda result: (
        round(result.symptoms.cramers_v, 6) == 8 / 10 and result.statuses[0].estimate == 1 / 2
    ),
)
