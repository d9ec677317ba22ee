"""How does what fails change over the time at which issues were opened?"""

from typing import Final

import msgspec
import numpy as np

from firstmile.rendering.document import Figure, Grid
from firstmile.statistics.multiplicity import benjamini_hochberg
from firstmile.statistics.trend import share_trend
from firstmile.study.analysis import Chapter, Example
from firstmile.study.association import Association, associate
from firstmile.study.counts import Counts, NotKnown, Table
from firstmile.study.crosstab import association_sentence, crosstab_grids
from firstmile.study.estimates import p_value
from firstmile.study.names import dimension_name, name_of
from firstmile.study.pictures import time_figures
from firstmile.study.settings import Settings
from firstmile.study.worked import rows

HEADING: Final = "Over creation time"
CHAPTER: Final = Chapter.VERSIONS
PLACE: Final = 2


class CategoryTrend(msgspec.Struct, frozen=True, kw_only=True):
    """The change of one category's share a quarter (Cochran-Armitage); q over its axis."""

    axis: str
    category: str
    slope: float
    z: float
    p: float
    q: float


class CreationTime(msgspec.Struct, frozen=True, kw_only=True):
    """Quarters crossed with symptoms and causes, and the trend of every category."""

    quarters: tuple[str, ...]
    associations: tuple[Association, ...]
    trends: tuple[CategoryTrend, ...]
    significance: float

    def trend(self, category: str) -> CategoryTrend:
        """Return the trend of one category."""
        return next(item for item in self.trends if item.category == category)


def compute(counts: Counts, settings: Settings) -> CreationTime:
    """Cross quarters with symptoms and causes; raises NotKnown without dates or change."""
    quarters = counts.totals("period").codes
    if len(quarters) < 2:
        raise NotKnown("all dated failures fall into one quarter")
    associations = []
    trends: list[CategoryTrend] = []
    for axis in ("symptom", "cause"):
        table = counts.table("period", axis)
        associations.append(associate(table.transposed(), settings, f"{axis} by period"))
        trends += _trends(axis, table)
    return CreationTime(
        quarters=quarters,
        associations=tuple(associations),
        trends=tuple(trends),
        significance=settings.false_discovery_rate,
    )


def _trends(axis: str, table: Table) -> list[CategoryTrend]:
    totals = table.counts.sum(axis=1)
    found = [share_trend(column, totals) for column in table.counts.T]
    q = benjamini_hochberg(np.array([item.p for item in found]))
    return [
        CategoryTrend(
            axis=axis, category=code, slope=item.slope, z=item.z, p=item.p, q=float(after)
        )
        for code, item, after in zip(table.column_codes, found, q, strict=True)
    ]


def sentences(result: CreationTime) -> tuple[str, ...]:
    """Say the associations and the trends that hold."""
    spoken = [association_sentence(item) for item in result.associations]
    holding = [item for item in result.trends if item.q <= result.significance]
    spoken.append(
        f"From {result.quarters[0]} to {result.quarters[-1]}, {len(holding)} of "
        f"{len(result.trends)} categories rise or fall (Cochran-Armitage, Benjamini-Hochberg "
        "within each axis)."
    )
    spoken += [
        f"{name_of(item.axis, item.category)} {'rises' if item.slope > 0 else 'falls'} by "
        f"{abs(100 * item.slope):.1f} points a quarter ({p_value(item.q, name='q')})."
        for item in holding
    ]
    return tuple(spoken)


def grids(result: CreationTime) -> tuple[Grid, ...]:
    """Return the counts by quarter and all trends."""
    return (
        *(crosstab_grids(item, f"{item.rows}-by-quarter")[0] for item in result.associations),
        Grid(
            id="creation-time-trends",
            caption="Trends over quarters",
            header=("Axis", "Category", "Change a quarter", "z", "p", "q"),
            rows=tuple(
                (
                    dimension_name(item.axis),
                    name_of(item.axis, item.category),
                    item.slope,
                    item.z,
                    item.p,
                    item.q,
                )
                for item in result.trends
            ),
            decimals={2: 4, 3: 2, 4: 4, 5: 4},
        ),
    )


def figures(result: CreationTime) -> tuple[Figure, ...]:
    """Draw the shares by quarter."""
    return time_figures(result.associations)


EXAMPLE: Final = Example(
    counts=rows(
        ("crash/process-killed", "hardware/cpu-memory", "inference", 15),
        ("loading/tokenizer", "tokenizer/file", "inference", 5),
        ("crash/process-killed", "hardware/cpu-memory", "inference", 5),
        ("loading/tokenizer", "tokenizer/file", "inference", 15),
        created=("2024-01-02", "2024-02-03", "2024-04-01", "2024-06-30"),
    ),
    check=lambda result: (
        result.quarters == ("2024-Q1", "2024-Q2")
        and round(result.trend("crash").slope, 6) == -1 / 2
        and round(result.trend("crash").z, 4) == -3.1623
    ),
)
