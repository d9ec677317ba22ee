"""Shares of the classes and leaves of one axis, with Wilson intervals."""

import msgspec

from firstmile.rendering.document import Figure, Grid
from firstmile.statistics.ranking import lead_interval
from firstmile.study.counts import Counts
from firstmile.study.estimates import Share, count_of, in_percent, shares
from firstmile.study.names import dimension_name, full_name, name_of
from firstmile.study.pictures import share_figures
from firstmile.study.settings import Settings


class Breakdown(msgspec.Struct, frozen=True, kw_only=True):
    """Shares of one axis: its classes, and its leaves (both in codebook order)."""

    axis: str
    total: int
    classes: tuple[Share, ...]
    leaves: tuple[Share, ...]
    lead: "Lead | None"


class Lead(msgspec.Struct, frozen=True, kw_only=True):
    """How far the largest class leads the second: difference of two multinomial shares."""

    first: str
    second: str
    estimate: float
    low: float
    high: float


def breakdown(axis: str, counts: Counts, settings: Settings) -> Breakdown:
    """Compute the shares of an axis; raises NotKnown where the source lacks it."""
    classes = shares(counts.totals(axis), confidence=settings.confidence)
    leaves = shares(counts.totals(f"{axis}_leaf"), confidence=settings.confidence)
    ranked = ranking(classes)
    lead = None
    if len(ranked) > 1:
        lead = Lead(
            first=ranked[0].code,
            second=ranked[1].code,
            **share_difference(ranked[0], ranked[1], confidence=settings.confidence),
        )
    return Breakdown(axis=axis, total=counts.total, classes=classes, leaves=leaves, lead=lead)


def ranking(parts: tuple[Share, ...]) -> list[Share]:
    """Return shares, largest first; ties keep codebook order."""
    return sorted(parts, key=lambda share: -share.count)


def share_difference(first: Share, second: Share, *, confidence: float) -> dict[str, float]:
    """Return the difference of two shares of the same whole, with its interval."""
    interval = lead_interval(first.count, second.count, first.total, confidence=confidence)
    return {
        "estimate": first.estimate - second.estimate,
        "low": interval.low,
        "high": interval.high,
    }


def share_sentences(result: Breakdown) -> tuple[str, ...]:
    """Say which classes and leaves lead."""
    ranked = ranking(result.classes)
    leaves = ranking(result.leaves)
    kind = dimension_name(result.axis)
    first = ranked[0]
    sentences = [
        f"Of {count_of(result.total)} failures the most frequent {kind} is "
        f"{name_of(result.axis, first.code)}, with {count_of(first.count)} or {in_percent(first)}."
    ]
    if result.lead is not None:
        gap = result.lead
        sure = "The lead is beyond chance" if gap.low > 0 else "The lead may be chance"
        sentences.append(
            f"{name_of(result.axis, gap.second)} follows with {count_of(ranked[1].count)} or "
            f"{in_percent(ranked[1])}. {sure}: the difference is {100 * gap.estimate:.1f} points "
            f"[{100 * gap.low:.1f}, {100 * gap.high:.1f}]."
        )
    top = [leaf for leaf in leaves[:3] if leaf.count]
    sentences.append(
        "At the finest level lead "
        + ", ".join(f"{full_name(leaf.code)} ({count_of(leaf.count)})" for leaf in top)
        + "."
    )
    empty = [share for share in result.classes if not share.count]
    if empty:
        sentences.append(
            "No failure carries " + ", ".join(name_of(result.axis, s.code) for s in empty) + "."
        )
    return tuple(sentences)


def share_grids(result: Breakdown, prefix: str) -> tuple[Grid, ...]:
    """Return the tables of classes and of leaves."""
    kind = dimension_name(result.axis)
    grids = []
    for level, parts in (("class", result.classes), ("leaf", result.leaves)):
        grids.append(
            Grid(
                id=f"{prefix}-{'classes' if level == 'class' else 'leaves'}",
                caption=f"{kind.capitalize()} {level} shares with Wilson intervals",
                header=(kind.capitalize(), "Failures", "Share", "Low", "High"),
                rows=tuple(
                    (
                        full_name(share.code),
                        share.count,
                        share.estimate,
                        share.low,
                        share.high,
                    )
                    for share in ranking(parts)
                ),
                decimals={1: 0, 2: 3, 3: 3, 4: 3},
            )
        )
    return tuple(grids)


def breakdown_figures(result: Breakdown) -> tuple[Figure, ...]:
    """Draw the taxonomy with its counts, and the shares with their intervals."""
    return share_figures(result.axis, result.classes, result.leaves)
