"""What differs between fine-tuning and inference, and does it remain without built-in effects?

Two cause leaves are defined by stage (inference and fine-tuning configuration), and several
symptom leaves name a stage. A difference that such leaves make is built into the codebook, so
everything is repeated without them.
"""

from typing import Final

import msgspec

from firstmile.rendering.document import Figure, Grid
from firstmile.study.analysis import Chapter, Example
from firstmile.study.association import Association, associate
from firstmile.study.contrasts import (
    Contrast,
    contrast_grid,
    contrast_sentence,
    contrasts,
    corrected,
)
from firstmile.study.counts import Counts, NotKnown, require_terms
from firstmile.study.crosstab import association_sentence
from firstmile.study.estimates import listed
from firstmile.study.names import dimension_name, name_of
from firstmile.study.pictures import contrast_figures
from firstmile.study.settings import Settings
from firstmile.study.worked import rows
from firstmile.taxonomy import Axis

HEADING: Final = "Differences between the stages"
CHAPTER: Final = Chapter.STAGE
PLACE: Final = 3

FIRST, SECOND = "fine-tuning", "inference"


class WithoutDefined(msgspec.Struct, frozen=True, kw_only=True):
    """An axis by stage without the leaves that name a stage; `missing` where not known."""

    axis: str
    leaves: tuple[str, ...]
    association: Association | None
    contrasts: tuple[Contrast, ...]
    missing: str | None


class StageDifferences(msgspec.Struct, frozen=True, kw_only=True):
    """Contrasts of the two stages over symptoms and causes, with and without defined leaves."""

    contrasts: tuple[Contrast, ...]
    without: tuple[WithoutDefined, ...]

    def contrast(self, category: str) -> Contrast:
        """Return the contrast of one category."""
        return next(item for item in self.contrasts if item.category == category)


def compute(counts: Counts, settings: Settings) -> StageDifferences:
    """Compare the stages category by category (one family of all of them)."""
    require_terms(counts, (FIRST, SECOND))
    if not {FIRST, SECOND} <= set(counts.totals("stage").codes):
        raise NotKnown("the codebook divides the stages further")
    family = [
        item
        for axis in ("symptom", "cause")
        for item in contrasts(counts.table("stage", axis), FIRST, SECOND, settings)
    ]
    if not family:
        raise NotKnown("the source has failures of one stage only")
    return StageDifferences(
        contrasts=corrected(family, settings),
        without=tuple(_without(axis, counts, settings) for axis in ("symptom", "cause")),
    )


def _without(axis: str, counts: Counts, settings: Settings) -> WithoutDefined:
    leaves = tuple(
        leaf.code for leaf in counts.taxonomy.leaves(Axis(axis)) if leaf.stage is not None
    )
    try:
        table = counts.table_without("stage", axis, leaves)
        association = associate(table, settings, f"stage by {axis} without defined leaves")
    except NotKnown as reason:
        return WithoutDefined(
            axis=axis, leaves=leaves, association=None, contrasts=(), missing=str(reason)
        )
    return WithoutDefined(
        axis=axis,
        leaves=leaves,
        association=association,
        contrasts=corrected(contrasts(table, FIRST, SECOND, settings), settings),
        missing=None,
    )


def sentences(result: StageDifferences) -> tuple[str, ...]:
    """Say the contrasts that hold, and what is left without built-in effects."""
    holding = [item for item in result.contrasts if item.holds]
    spoken = [
        f"{len(holding)} of {len(result.contrasts)} categories differ between the stages "
        "(Fisher's exact test, Holm's correction over this family)."
    ]
    spoken += [contrast_sentence(item) for item in holding]
    for part in (one for one in result.without if one.leaves):
        if part.association is None:
            spoken.append(
                f"Whether {dimension_name(part.axis, plural=True)} differ without the leaves that "
                f"name a stage is not known here: {part.missing}."
            )
            continue
        names = listed([name_of(f"{part.axis}_leaf", leaf) for leaf in part.leaves])
        spoken.append(f"Without {names}: {association_sentence(part.association)}")
    return tuple(spoken)


def grids(result: StageDifferences) -> tuple[Grid, ...]:
    """Return all contrasts, and those without the leaves that name a stage."""
    tables = [
        ("stage-differences", "Fine-tuning against inference", result.contrasts),
        (
            "stage-differences-without-defined-leaves",
            "Fine-tuning against inference without leaves that name a stage",
            tuple(item for part in result.without for item in part.contrasts),
        ),
    ]
    return tuple(
        contrast_grid(
            items,
            name=name,
            caption=caption,
            note="Difference: first minus second. Corrected over this table: p by Holm, intervals "
            "by Bonferroni.",
        )
        for name, caption, items in tables
        if items
    )


def figures(result: StageDifferences) -> tuple[Figure, ...]:
    """Draw the shares of the stages side by side."""
    return contrast_figures("stage-differences", "Shares by stage", result.contrasts)


EXAMPLE: Final = Example(
    counts=rows(
        ("crash/process-killed", "configuration/fine-tuning", "fine-tuning", 8),
        ("loading/tokenizer", "tokenizer/file", "fine-tuning", 2),
        ("crash/process-killed", "tokenizer/file", "inference", 2),
        ("loading/tokenizer", "hardware/cpu-memory", "inference", 8),
    ),
    check=lambda result: (
        round(result.contrast("crash").difference.estimate, 6) == 6 / 10
        and result.contrast("crash").odds_ratio.estimate == 16
        and result.without[1].association.n == 12
    ),
)
