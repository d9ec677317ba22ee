"""Are the failure profiles of model series alike, compared with series that are alike by design?

Pearson's r over raw counts (the published measure) is high for any two profiles that share a
dominant category, so each measure stands beside its null: the values it takes when the labels
of the two series are exchanged at random. The exchange is repeated without the largest category,
with whole repositories and with whole clusters of duplicates, because failures of one repository
or one cluster are not independent.
"""

from itertools import combinations
from typing import Final

import msgspec
import numpy as np

from firstmile.rendering.document import Figure, Grid
from firstmile.statistics.multiplicity import holm
from firstmile.study.analysis import Chapter, Example
from firstmile.study.clusters import cluster_table, exchanged_tables, held_tables
from firstmile.study.counts import Counts, NotKnown, RowCounts
from firstmile.study.estimates import Estimate, p_value, with_interval
from firstmile.study.names import dimension_name, name_of
from firstmile.study.pictures import similarity_figures
from firstmile.study.profiles import Pair, compare_clusters, compare_nested, compare_pair
from firstmile.study.settings import Settings
from firstmile.study.worked import rows

HEADING: Final = "How alike the series are"
CHAPTER: Final = Chapter.SERIES
PLACE: Final = 3

AXES: Final = ("symptom", "cause")
LEVELS: Final = {"failure": "failures", "repository": "repositories", "cluster": "clusters"}


class SeriesSimilarity(msgspec.Struct, frozen=True, kw_only=True):
    """All comparisons; `missing` says which levels the source cannot give.

    `adjusted` holds, per comparison of single failures with all categories, the p of total
    variation corrected over the pairs of that axis (Holm).
    """

    pairs: tuple[Pair, ...]
    adjusted: tuple["AdjustedPair", ...]
    margin: float
    missing: tuple[str, ...]

    def pair(
        self, axis: str, first: str, second: str, *, level: str = "failure", whole: bool = True
    ) -> Pair:
        """Return one comparison, in either order of the two series; KeyError if there is none."""
        for pair in self.pairs:
            if (
                pair.axis == axis
                and {pair.first, pair.second} == {first, second}
                and pair.level == level
                and (pair.left_out is None) == whole
            ):
                return pair
        raise KeyError((axis, first, second, level))


class AdjustedPair(msgspec.Struct, frozen=True, kw_only=True):
    """A pair's total-variation p, as it is and after Holm's correction (None: undefined).

    `differs` says that the corrected one is significant.
    """

    axis: str
    first: str
    second: str
    p: float | None
    adjusted_p: float | None
    differs: bool


def compute(counts: Counts, settings: Settings) -> SeriesSimilarity:
    """Compare every two series over symptoms and causes, at every level the source has."""
    pairs: list[Pair] = []
    adjusted: list[AdjustedPair] = []
    missing: list[str] = []
    for axis in AXES:
        table = counts.table("series", axis).without_empty()
        names = list(combinations(table.row_codes, 2))
        if not names:
            raise NotKnown("the source has one series only, so there is nothing to compare")
        largest = table.column_codes[int(np.argmax(table.counts.sum(axis=0)))]
        plain = [compare_pair(table, a, b, settings) for a, b in names]
        pairs += plain
        adjusted += _adjust(axis, plain, settings)
        if len(table.column_codes) > 2:
            pairs += [compare_pair(table, a, b, settings, left_out=largest) for a, b in names]
        try:
            pairs += _nested(counts, axis, names, settings)
        except NotKnown as reason:
            missing.append(f"exchange of whole repositories: {reason}")
    try:
        pairs += _clustered(counts, names, settings)
    except NotKnown as reason:
        missing.append(f"exchange of whole clusters: {reason}")
    return SeriesSimilarity(
        pairs=tuple(pairs),
        adjusted=tuple(adjusted),
        margin=settings.margin,
        missing=tuple(dict.fromkeys(missing)),
    )


def _adjust(axis: str, pairs: list[Pair], settings: Settings) -> list[AdjustedPair]:
    p = [pair.measure("total variation").p for pair in pairs]
    corrected = holm(np.array([np.nan if own is None else own for own in p]))
    return [
        AdjustedPair(
            axis=axis,
            first=pair.first,
            second=pair.second,
            p=own,
            adjusted_p=None if own is None else float(after),
            differs=own is not None and bool(after < 1 - settings.confidence),
        )
        for pair, own, after in zip(pairs, p, corrected, strict=True)
    ]


def _nested(
    counts: Counts, axis: str, names: list[tuple[str, str]], settings: Settings
) -> list[Pair]:
    owners = counts.table("repository", "series")
    groups = {
        repository: owners.column_codes[int(np.argmax(row))]
        for repository, row in zip(owners.row_codes, owners.counts, strict=True)
        if row.sum()
    }
    table = counts.table("repository", axis)
    found = (compare_nested(table, groups, a, b, settings) for a, b in names)
    return [pair for pair in found if pair is not None]


def _clustered(counts: Counts, names: list[tuple[str, str]], settings: Settings) -> list[Pair]:
    if not isinstance(counts, RowCounts):
        raise NotKnown("needs the rows")
    clusters = cluster_table(counts.failures, "series", AXES)
    series = counts.failures.columns["series"].categories
    found = []
    for first, second in names:
        places = [series.index(first), series.index(second)]
        found += [
            compare_clusters(axis, observed, null, first, second, settings)
            for axis, observed, null in zip(
                AXES,
                held_tables(clusters, places),
                exchanged_tables(clusters, places, settings),
                strict=True,
            )
        ]
    return found


def sentences(result: SeriesSimilarity) -> tuple[str, ...]:
    """Say, for each pair, whether its profile differs and whether it is alike by the margin."""
    return (
        *(_pair_sentence(result, adjusted) for adjusted in result.adjusted),
        *_nested_sentences(result),
    )


def _nested_sentences(result: SeriesSimilarity) -> tuple[str, ...]:
    """Say what is left of the differences when whole repositories or clusters are exchanged."""
    spoken = []
    for level in ("repository", "cluster"):
        found = [
            (pair, item.p)
            for pair in result.pairs
            if pair.level == level and (item := pair.measure("total variation")).p is not None
        ]
        for axis in AXES:
            each = "; ".join(
                f"{pair.first} and {pair.second} {p_value(p)}"
                for pair, p in found
                if pair.axis == axis and p is not None
            )
            if each:
                spoken.append(
                    f"When whole {LEVELS[level]} instead of single failures are exchanged, the "
                    f"{dimension_name(axis, plural=True)} of two series are as unlike by chance "
                    f"with (uncorrected): {each}."
                )
    return tuple(spoken)


def _pair_sentence(result: SeriesSimilarity, adjusted: AdjustedPair) -> str:
    pair = result.pair(adjusted.axis, adjusted.first, adjusted.second)
    r, variation = pair.measure("Pearson"), pair.total_variation
    p = adjusted.adjusted_p
    if (
        p is None
        or variation is None
        or r.value is None
        or r.null_low is None
        or r.null_high is None
    ):
        return (
            f"{pair.first} and {pair.second} cannot be compared over "
            f"{dimension_name(pair.axis, plural=True)}: a profile is empty or flat."
        )
    differ = "differ" if adjusted.differs else "cannot be told apart"
    alike = _alike(variation, result.margin)
    without = _without_largest(result, pair)
    return (
        f"{pair.first} and {pair.second} {differ} in {dimension_name(pair.axis, plural=True)} "
        f"({p_value(p)} after Holm's correction); their total variation is "
        f"{with_interval(variation, decimals=3)}, {alike} the margin of {result.margin:.2f}. "
        f"Pearson's r is {r.value:.3f}, where equal profiles would give "
        f"{r.null_low:.3f} to {r.null_high:.3f}{without}."
    )


def _alike(variation: Estimate, margin: float) -> str:
    if variation.high is not None and variation.high <= margin:
        return "inside"
    if variation.low is not None and variation.low > margin:
        return "wholly outside"
    return "neither inside nor wholly outside"


def _without_largest(result: SeriesSimilarity, pair: Pair) -> str:
    for other in result.pairs:
        if (
            (other.axis, other.first, other.second) == (pair.axis, pair.first, pair.second)
            and other.left_out is not None
            and (value := other.measure("Pearson").value) is not None
        ):
            return f"; without {name_of(pair.axis, other.left_out)} it is {value:.3f}"
    return ""


def grids(result: SeriesSimilarity) -> tuple[Grid, ...]:
    """Return every measure of every comparison with its null."""
    return (
        Grid(
            id="series-similarity",
            caption="Similarity of series beside the null of equal profiles",
            header=(
                "Axis",
                "First",
                "Second",
                "Exchanged",
                "Left out",
                "Measure",
                "Value",
                "Null low",
                "Null median",
                "Null high",
                "p",
                "Draws",
            ),
            rows=tuple(
                (
                    dimension_name(pair.axis),
                    pair.first,
                    pair.second,
                    LEVELS[pair.level],
                    "" if pair.left_out is None else name_of(pair.axis, pair.left_out),
                    item.measure,
                    item.value,
                    item.null_low,
                    item.null_median,
                    item.null_high,
                    item.p,
                    item.draws,
                )
                for pair in result.pairs
                for item in pair.measures
            ),
            decimals={6: 3, 7: 3, 8: 3, 9: 3, 10: 4},
            note="p: share of exchanges with profiles at least as unlike.",
        ),
    )


def figures(result: SeriesSimilarity) -> tuple[Figure, ...]:
    """Draw each measure against its null."""
    return similarity_figures(result.pairs)


EXAMPLE: Final = Example(
    counts=rows(
        ("crash/process-killed", "hardware/cpu-memory", "inference", 30),
        ("loading/tokenizer", "tokenizer/file", "inference", 10),
        ("crash/process-killed", "hardware/cpu-memory", "inference", 10),
        ("loading/tokenizer", "tokenizer/file", "inference", 30),
        series=("A", "A", "B", "B"),
        repository=("a", "a", "b", "b"),
    ),
    check=lambda result: (
        result.pair("symptom", "A", "B").measure("total variation").value == 1 / 2
        and result.pair("symptom", "A", "B").measure("total variation").p < 1 / 100
        and result.pair("symptom", "A", "B", level="repository").measure("Pearson").draws == 2
    ),
)
