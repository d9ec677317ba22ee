"""How do failures change from one version of a series to the next?

In the published set a version is a repository: what is compared are the reports of one
repository with those of another, so changes of users, age and issue templates are in it too.
"""

from itertools import combinations
from typing import Final

import msgspec

from firstmile.rendering.document import Figure, Grid
from firstmile.study.analysis import Chapter, Example
from firstmile.study.contrasts import (
    Contrast,
    contrast_grid,
    contrast_sentence,
    contrasts,
    corrected,
)
from firstmile.study.counts import Counts, NotKnown, Table
from firstmile.study.estimates import Share, share_of
from firstmile.study.names import dimension_name
from firstmile.study.pictures import version_figures
from firstmile.study.settings import Settings
from firstmile.study.worked import rows

HEADING: Final = "Changes between versions"
CHAPTER: Final = Chapter.VERSIONS
PLACE: Final = 1

RELEASES: Final = {
    "DeepSeek-V3": "DeepSeek",
    "DeepSeek-R1": "DeepSeek",
    "llama": "Llama",
    "llama3": "Llama",
    "Qwen": "Qwen",
    "Qwen2.5": "Qwen",
}
"""The versions that the study compares, with their series, each series in order of release.

Versions that are not here come after these, in the order of the source.
"""

VARIANTS: Final = frozenset(
    (
        "DeepSeek-Coder",
        "DeepSeek-Coder-V2",
        "DeepSeek-Math",
        "codellama",
        "Qwen2.5-Coder",
        "Qwen2.5-Math",
    )
)
"""Published repositories of models for code or mathematics: no successors, so not compared."""

FEWEST: Final = 20
"""Versions with fewer failures than this are not compared: no difference could be seen."""

FINE: Final = ("cause_leaf",)


class VersionChanges(msgspec.Struct, frozen=True, kw_only=True):
    """Pairwise contrasts of versions of the same series (first: the later of the two).

    One family for each axis; leaf level where the source has rows, else said in `missing`.
    `profiles` holds each version's shares of the classes.
    """

    contrasts: tuple[Contrast, ...]
    leaf_contrasts: tuple[Contrast, ...]
    profiles: tuple["Profile", ...]
    left_out: tuple[str, ...]
    missing: tuple[str, ...]

    def change(self, later: str, earlier: str, category: str) -> Contrast:
        """Return one contrast, class or leaf; KeyError if there is none."""
        for item in (*self.contrasts, *self.leaf_contrasts):
            if (item.first, item.second, item.category) == (later, earlier, category):
                return item
        raise KeyError((later, earlier, category))


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """The shares of one axis in one version."""

    version: str
    series: str
    axis: str
    shares: tuple[Share, ...]


def compute(counts: Counts, settings: Settings) -> VersionChanges:
    """Compare every two versions of a series that have enough failures."""
    symptoms = counts.table("version", "symptom")
    size = dict(zip(symptoms.row_codes, _sums(symptoms), strict=True))
    known = [version for version in RELEASES if size.get(version)]
    others = [v for v, n in size.items() if n and v not in RELEASES and v not in VARIANTS]
    order = known + others
    series = RELEASES | (_series_of(counts) if others else {})
    enough = [version for version in order if size[version] >= FEWEST]
    pairs = [(a, b) for a, b in combinations(enough, 2) if series[a] == series[b]]
    if not pairs:
        raise NotKnown("no series has two versions with enough failures")
    found: list[Contrast] = []
    profiles: list[Profile] = []
    for axis in ("symptom", "cause"):
        table = counts.table("version", axis)
        found += corrected(
            [c for a, b in pairs for c in contrasts(table, b, a, settings)], settings
        )
        profiles += [_profile(table, version, series[version], settings) for version in enough]
    leaves: tuple[Contrast, ...] = ()
    missing: list[str] = []
    for dimension in FINE:
        try:
            table = counts.table("version", dimension)
            leaves += corrected(
                [c for a, b in pairs for c in contrasts(table, b, a, settings)], settings
            )
        except NotKnown as reason:
            missing.append(f"{dimension_name(dimension)}: {reason}")
    return VersionChanges(
        contrasts=tuple(found),
        leaf_contrasts=leaves,
        profiles=tuple(profiles),
        left_out=tuple(version for version, n in size.items() if n and version not in enough),
        missing=tuple(missing),
    )


def _sums(table: Table) -> list[float]:
    return [float(n) for n in table.counts.sum(axis=1)]


def _series_of(counts: Counts) -> dict[str, str]:
    table = counts.table("version", "series")
    return {
        version: table.column_codes[int(row.argmax())]
        for version, row in zip(table.row_codes, table.counts, strict=True)
    }


def _profile(table: Table, version: str, series: str, settings: Settings) -> Profile:
    row = table.counts[table.row_codes.index(version)].astype(float)
    total = float(row.sum())
    parts = []
    for code, count in zip(table.column_codes, row, strict=True):
        part = share_of(float(count), total, confidence=settings.confidence)
        parts.append(
            Share(
                code=code,
                count=float(count),
                total=total,
                estimate=part.estimate or 0.0,
                low=part.low or 0.0,
                high=part.high or 0.0,
            )
        )
    return Profile(version=version, series=series, axis=table.columns, shares=tuple(parts))


def sentences(result: VersionChanges) -> tuple[str, ...]:
    """Say the changes that hold after correction."""
    spoken = []
    for axis in ("symptom", "cause"):
        family = [item for item in result.contrasts if item.dimension == axis]
        holding = [item for item in family if item.holds]
        spoken.append(
            f"{len(holding)} of {len(family)} changes of {dimension_name(axis, plural=True)} "
            "between versions of a series hold after Holm's correction over that family."
        )
        spoken += [contrast_sentence(item) for item in holding]
    if result.left_out:
        spoken.append(
            f"Not compared, as variants or with fewer than {FEWEST} failures: "
            f"{', '.join(result.left_out)}."
        )
    return tuple(spoken)


def grids(result: VersionChanges) -> tuple[Grid, ...]:
    """Return all contrasts at class level, and the leaves that are known."""
    tables = [
        ("version-changes", "Changes between versions of a series", result.contrasts),
        ("version-changes-leaves", "Changes at the finest level", result.leaf_contrasts),
    ]
    return tuple(
        contrast_grid(
            items,
            name=name,
            caption=caption,
            note="Difference: first (later) minus second (earlier). Corrected per axis: p by Holm, "
            "intervals by Bonferroni.",
        )
        for name, caption, items in tables
        if items
    )


def figures(result: VersionChanges) -> tuple[Figure, ...]:
    """Draw each category's share over the versions of a series."""
    return version_figures(result.profiles)


EXAMPLE: Final = Example(
    counts=rows(
        ("crash/process-killed", "hardware/cpu-memory", "inference", 15),
        ("loading/tokenizer", "tokenizer/file", "inference", 5),
        ("crash/process-killed", "hardware/cpu-memory", "inference", 5),
        ("loading/tokenizer", "tokenizer/file", "inference", 15),
        version=("one", "one", "two", "two"),
        series=("A", "A", "A", "A"),
    ),
    check=lambda result: (
        result.change("two", "one", "crash").difference.estimate == -1 / 2
        and result.change("two", "one", "tokenizer/file").first_count == 15
    ),
)
