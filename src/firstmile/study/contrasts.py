"""Two groups compared category by category: differences and odds ratios with intervals."""

from collections.abc import Sequence

import msgspec
import numpy as np

from firstmile.rendering.document import Grid
from firstmile.statistics.multiplicity import holm
from firstmile.statistics.ratios import difference_interval, odds_ratio
from firstmile.study.counts import Table
from firstmile.study.estimates import Estimate, estimate, in_percent, p_value, share_of
from firstmile.study.names import name_of
from firstmile.study.settings import Settings


class Contrast(msgspec.Struct, frozen=True, kw_only=True):
    """How often a category occurs in two groups.

    `difference` is the first share minus the second (Newcombe interval); `odds_ratio` is of the
    first against the second, its parts None where unbounded; `p` is Fisher's exact test.
    `adjusted_p` is corrected (Holm) over the family that the analysis names, and `holds` says
    that it is significant; the intervals `corrected_difference` of a family hold all at once
    (Bonferroni).
    """

    dimension: str
    category: str
    first: str
    second: str
    first_count: float
    first_total: float
    second_count: float
    second_total: float
    first_share: Estimate
    second_share: Estimate
    difference: Estimate
    corrected_difference: Estimate
    odds_ratio: Estimate
    p: float
    adjusted_p: float
    holds: bool


def contrast(
    *,
    dimension: str,
    category: str,
    names: tuple[str, str],
    counts: tuple[float, float],
    totals: tuple[float, float],
    settings: Settings,
) -> Contrast:
    """Compare `counts` of `totals` in two named groups; totals must be above 0."""
    (a, b), (n, m) = counts, totals
    ratio = odds_ratio(
        round(a), round(n - a), round(b), round(m - b), confidence=settings.confidence
    )
    interval = difference_interval(a, n, b, m, confidence=settings.confidence)
    return Contrast(
        dimension=dimension,
        category=category,
        first=names[0],
        second=names[1],
        first_count=a,
        first_total=n,
        second_count=b,
        second_total=m,
        first_share=share_of(a, n, confidence=settings.confidence),
        second_share=share_of(b, m, confidence=settings.confidence),
        difference=estimate(a / n - b / m, interval),
        corrected_difference=estimate(a / n - b / m, interval),
        odds_ratio=Estimate(estimate=ratio.estimate, low=ratio.low, high=ratio.high),
        p=ratio.p,
        adjusted_p=ratio.p,
        holds=ratio.p < 1 - settings.confidence,
    )


def contrasts(table: Table, first: str, second: str, settings: Settings) -> list[Contrast]:
    """Compare two rows of a table (groups x categories) in every category either has."""
    one = table.counts[table.row_codes.index(first)].astype(float)
    other = table.counts[table.row_codes.index(second)].astype(float)
    if not one.sum() or not other.sum():
        return []
    return [
        contrast(
            dimension=table.columns,
            category=code,
            names=(first, second),
            counts=(float(one[i]), float(other[i])),
            totals=(float(one.sum()), float(other.sum())),
            settings=settings,
        )
        for i, code in enumerate(table.column_codes)
        if one[i] + other[i] > 0
    ]


def corrected(family: Sequence[Contrast], settings: Settings) -> tuple[Contrast, ...]:
    """Return the contrasts corrected over all of them: p by Holm, intervals by Bonferroni."""
    if not family:
        return ()
    level = 1 - settings.confidence
    after = holm(np.array([item.p for item in family]))
    return tuple(
        msgspec.structs.replace(
            item,
            corrected_difference=_difference(item, confidence=1 - level / len(family)),
            adjusted_p=float(p),
            holds=bool(p < level),
        )
        for item, p in zip(family, after, strict=True)
    )


def _difference(item: Contrast, *, confidence: float) -> Estimate:
    interval = difference_interval(
        item.first_count,
        item.first_total,
        item.second_count,
        item.second_total,
        confidence=confidence,
    )
    return estimate(
        item.first_count / item.first_total - item.second_count / item.second_total, interval
    )


def contrast_sentence(item: Contrast) -> str:
    """Say one contrast."""
    direction = "more" if (item.difference.estimate or 0) > 0 else "less"
    name = name_of(item.dimension, item.category)
    return (
        f"{name} is {direction} frequent in {item.first} than in {item.second}: "
        f"{in_percent(item.first_share)} against {in_percent(item.second_share)}, a difference of "
        f"{points(item.difference)} ({p_value(item.adjusted_p)} corrected)."
    )


def points(item: Estimate) -> str:
    """Write a difference of shares as "+15.8 points [8.1, 24.0]"."""
    if item.estimate is None or item.low is None or item.high is None:
        return "not known"
    return f"{100 * item.estimate:+.1f} points [{100 * item.low:.1f}, {100 * item.high:.1f}]"


def contrast_grid(items: Sequence[Contrast], *, name: str, caption: str, note: str) -> Grid:
    """Return contrasts as a table; `note` says what first and second are, and of which family."""
    return Grid(
        id=name,
        caption=caption,
        header=(
            "Axis",
            "Category",
            "First",
            "Second",
            "n first",
            "of",
            "n second",
            "of",
            "Difference",
            "Low",
            "High",
            "Low corrected",
            "High corrected",
            "Odds ratio",
            "Low",
            "High",
            "p",
            "p corrected",
        ),
        rows=tuple(
            (
                item.dimension.replace("_", " "),
                name_of(item.dimension, item.category),
                item.first,
                item.second,
                item.first_count,
                item.first_total,
                item.second_count,
                item.second_total,
                item.difference.estimate,
                item.difference.low,
                item.difference.high,
                item.corrected_difference.low,
                item.corrected_difference.high,
                item.odds_ratio.estimate,
                item.odds_ratio.low,
                item.odds_ratio.high,
                item.p,
                item.adjusted_p,
            )
            for item in items
        ),
        decimals={4: 0, 5: 0, 6: 0, 7: 0, **dict.fromkeys(range(8, 16), 3), 16: 4, 17: 4},
        note=note,
    )
