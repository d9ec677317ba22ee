"""Which symptoms and causes at the finest level mark a series or a stage?"""

from typing import Final

import msgspec

from firstmile.rendering.document import Figure, Grid
from firstmile.study.analysis import Chapter, Example
from firstmile.study.association import Association, associate
from firstmile.study.counts import Counts, NotKnown
from firstmile.study.crosstab import (
    association_sentence,
    significance_sentence,
    standing_grid,
)
from firstmile.study.estimates import count_of, with_interval
from firstmile.study.names import full_name
from firstmile.study.settings import Settings
from firstmile.study.worked import rows

HEADING: Final = "Series and stages at the finest level"
CHAPTER: Final = Chapter.STAGE
PLACE: Final = 4

CROSSINGS: Final = (
    ("symptom_leaf", "series"),
    ("cause_leaf", "series"),
    ("symptom_leaf", "stage"),
    ("cause_leaf", "stage"),
)
MOST_DRAWS: Final = 1_999
SPOKEN: Final = 3


class LeavesBySeriesAndStage(msgspec.Struct, frozen=True, kw_only=True):
    """Leaves crossed with series and with stages; each keeps the cells that stand out."""

    associations: tuple[Association, ...]
    missing: tuple[str, ...]

    def crossing(self, leaves: str, groups: str) -> Association:
        """Return one crossing; KeyError where the source lacks it."""
        for item in self.associations:
            if (item.rows, item.columns) == (leaves, groups):
                return item
        raise KeyError((leaves, groups))


def compute(counts: Counts, settings: Settings) -> LeavesBySeriesAndStage:
    """Cross the leaves of both axes with series and stages, as far as the source goes."""
    found: list[Association] = []
    missing: list[str] = []
    for leaves, groups in CROSSINGS:
        try:
            whole = associate(
                counts.table(leaves, groups),
                settings,
                f"{leaves} by {groups}",
                most_draws=MOST_DRAWS,
            )
        except NotKnown as reason:
            missing.append(str(reason))
            continue
        kept = tuple(cell for cell in whole.cells if cell.significant)
        found.append(msgspec.structs.replace(whole, cells=kept))
    if not found:
        raise NotKnown("; ".join(dict.fromkeys(missing)))
    return LeavesBySeriesAndStage(associations=tuple(found), missing=tuple(dict.fromkeys(missing)))


def sentences(result: LeavesBySeriesAndStage) -> tuple[str, ...]:
    """Say each association, and what marks its groups most."""
    spoken = []
    for item in result.associations:
        spoken += [association_sentence(item), significance_sentence(item)]
        marks = [cell for cell in item.significant if cell.residual > 0][:SPOKEN]
        spoken += [
            f"{full_name(cell.row)} marks {full_name(cell.column)}: {count_of(cell.count)} "
            f"failures against {cell.expected:.1f} expected, lift {with_interval(cell.lift)}."
            for cell in marks
        ]
    return tuple(spoken)


def grids(result: LeavesBySeriesAndStage) -> tuple[Grid, ...]:
    """Return the cells that stand out, one table a crossing."""
    return tuple(
        standing_grid(item, f"{item.rows.replace('_', '-')}-by-{item.columns}")
        for item in result.associations
    )


def figures(_result: LeavesBySeriesAndStage) -> tuple[Figure, ...]:
    """Draw nothing: the tables of what stands out are the picture."""
    return ()


EXAMPLE: Final = Example(
    counts=rows(
        ("crash/process-killed", "hardware/cpu-memory", "inference", 9),
        ("crash/process-killed", "hardware/cpu-memory", "fine-tuning", 1),
        ("loading/tokenizer", "tokenizer/file", "inference", 1),
        ("loading/tokenizer", "tokenizer/file", "fine-tuning", 9),
    ),
    check=lambda result: (
        round(result.crossing("cause_leaf", "stage").cramers_v, 6) == 8 / 10
        and len(result.associations) == 2
    ),
)
