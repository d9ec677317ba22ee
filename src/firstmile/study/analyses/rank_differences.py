"""Which category leads which, beyond chance?"""

from collections.abc import Sequence
from itertools import combinations, pairwise, permutations
from typing import Final

import msgspec
import numpy as np

from firstmile.rendering.document import Figure, Grid
from firstmile.study.analysis import Chapter, Example
from firstmile.study.breakdown import ranking, share_difference
from firstmile.study.counts import Counts, NotKnown, Totals, require_terms
from firstmile.study.estimates import Share, count_of, shares
from firstmile.study.names import full_name, name_of
from firstmile.study.settings import Settings
from firstmile.study.worked import rows
from firstmile.taxonomy import Axis, packaged_taxonomy

HEADING: Final = "Which category leads which"
CHAPTER: Final = Chapter.SHARES
PLACE: Final = 3

TOP_LEAVES: Final = 5


class RankDifference(msgspec.Struct, frozen=True, kw_only=True):
    """The share of `first` minus that of `second`, both of the same whole."""

    first: str
    second: str
    first_count: float
    second_count: float
    estimate: float
    low: float
    high: float


class RankDifferences(msgspec.Struct, frozen=True, kw_only=True):
    """Differences between shares of the same failures.

    Classes are compared in published order; groups (second-level symptoms) each against the
    largest other group; the most frequent leaves in both orders. `inference` is crash minus
    incorrect functionality during inference. Parts that the source lacks are empty or None.
    """

    symptoms: tuple[RankDifference, ...]
    causes: tuple[RankDifference, ...]
    groups: tuple[RankDifference, ...]
    leaves: tuple[RankDifference, ...]
    inference: RankDifference | None
    series: tuple[Share, ...]


def compute(counts: Counts, settings: Settings) -> RankDifferences:
    """Compare shares pair by pair."""
    leaves = counts.totals("symptom_leaf")
    top = ranking(shares(leaves, confidence=settings.confidence))[:TOP_LEAVES]
    groups = ranking(shares(_groups(leaves), confidence=settings.confidence))
    return RankDifferences(
        symptoms=_in_order(counts.totals("symptom"), settings),
        causes=_in_order(counts.totals("cause"), settings),
        groups=tuple(
            _difference(group, next(g for g in groups if g is not group), settings)
            for group in groups
            if group.count and len(groups) > 1
        ),
        leaves=tuple(_difference(a, b, settings) for a, b in permutations(top, 2)),
        inference=_in_inference(counts, settings),
        series=_series(counts, settings),
    )


def _in_order(totals: Totals, settings: Settings) -> tuple[RankDifference, ...]:
    parts = shares(totals, confidence=settings.confidence)
    return tuple(_difference(a, b, settings) for a, b in combinations(parts, 2))


def _difference(first: Share, second: Share, settings: Settings) -> RankDifference:
    return RankDifference(
        first=first.code,
        second=second.code,
        first_count=first.count,
        second_count=second.count,
        **share_difference(first, second, confidence=settings.confidence),
    )


def _groups(leaves: Totals) -> Totals:
    """Add leaves up to the second level (leaves that stand at it count for themselves)."""
    held: dict[str, float] = {}
    for code, count in zip(leaves.codes, leaves.counts, strict=True):
        group = "/".join(code.split("/")[:2])
        held[group] = held.get(group, 0.0) + float(count)
    return Totals(dimension="symptom_leaf", codes=tuple(held), counts=np.array(list(held.values())))


def _in_inference(counts: Counts, settings: Settings) -> RankDifference | None:
    try:
        require_terms(counts, ("inference", "crash", "incorrect"))
    except NotKnown:
        return None
    table = counts.table("stage", "symptom")
    if "inference" not in table.row_codes:
        return None
    row = table.counts[table.row_codes.index("inference")]
    if not row.sum():
        return None
    totals = Totals(dimension="symptom", codes=table.column_codes, counts=row)
    parts = {s.code: s for s in shares(totals, confidence=settings.confidence)}
    return _difference(parts["crash"], parts["incorrect"], settings)


def _series(counts: Counts, settings: Settings) -> tuple[Share, ...]:
    try:
        return shares(counts.totals("series"), confidence=settings.confidence)
    except NotKnown:
        return ()


def sentences(result: RankDifferences) -> tuple[str, ...]:
    """Say which neighbors in rank can be told apart."""
    spoken = []
    for axis, found in (("symptom", result.symptoms), ("cause", result.causes)):
        unsure = [item for item in _neighbors(found) if item.low <= 0 <= item.high]
        names = [f"{name_of(axis, item.first)} and {name_of(axis, item.second)}" for item in unsure]
        spoken.append(
            f"Among neighbors in rank, these {axis} classes cannot be told apart: "
            f"{'; '.join(names)}."
            if names
            else f"All {axis} classes that are neighbors in rank can be told apart."
        )
    if result.groups:
        first = max(result.groups, key=lambda item: item.first_count)
        spoken.append(
            f"The most frequent group of symptoms is {full_name(first.first)} "
            f"({count_of(first.first_count)}), before {full_name(first.second)} "
            f"({count_of(first.second_count)})."
        )
    if result.inference is not None:
        item = result.inference
        spoken.append(
            f"During inference crashes exceed incorrect functionality by "
            f"{100 * item.estimate:.1f} points [{100 * item.low:.1f}, {100 * item.high:.1f}]."
        )
    return tuple(spoken)


def _neighbors(found: Sequence[RankDifference]) -> list[RankDifference]:
    counts = {item.first: item.first_count for item in found} | {
        item.second: item.second_count for item in found
    }
    order = sorted((code for code in counts if counts[code]), key=lambda code: -counts[code])
    pairs = [set(pair) for pair in pairwise(order)]
    return [item for item in found if {item.first, item.second} in pairs]


def grids(result: RankDifferences) -> tuple[Grid, ...]:
    """Return all differences."""
    parts = [
        ("symptom class", result.symptoms),
        ("cause class", result.causes),
        ("symptom group", result.groups),
        ("symptom leaf", result.leaves),
        ("symptom class in inference", () if result.inference is None else (result.inference,)),
    ]
    return (
        Grid(
            id="rank-differences",
            caption="Differences between shares of the same failures",
            header=("Level", "First", "Second", "n first", "n second", "Difference", "Low", "High"),
            rows=tuple(
                (
                    level,
                    full_name(item.first),
                    full_name(item.second),
                    item.first_count,
                    item.second_count,
                    item.estimate,
                    item.low,
                    item.high,
                )
                for level, found in parts
                for item in found
            ),
            decimals={3: 0, 4: 0, 5: 3, 6: 3, 7: 3},
        ),
    )


def figures(_result: RankDifferences) -> tuple[Figure, ...]:
    """Draw nothing: the shares with their intervals are drawn already."""
    return ()


EXAMPLE: Final = Example(
    counts=rows(
        ("crash/cuda/device", "hardware/gpu-memory", "inference", 30),
        ("crash/cuda/kernel", "hardware/gpu-memory", "inference", 30),
        ("incorrect/generation/repetitive", "tokenizer/file", "inference", 40),
    ),
    check=lambda result: (
        round(result.symptoms[0].estimate, 6) == 2 / 10
        and result.groups[0].first == "crash/cuda"
        and result.leaves[0].first == "incorrect/generation/repetitive"
        and [len(packaged_taxonomy().classes(Axis.CAUSE)), len(result.causes)] == [9, 36]
    ),
)
