"""Do root causes differ between fine-tuning and inference?"""

from typing import Final

from firstmile.rendering.document import Figure, Grid
from firstmile.study.analysis import Chapter, Example
from firstmile.study.association import Association, associate
from firstmile.study.counts import Counts
from firstmile.study.crosstab import crosstab_figures, crosstab_grids, crosstab_sentences
from firstmile.study.settings import Settings
from firstmile.study.worked import rows

HEADING: Final = "Root causes by stage"
CHAPTER: Final = Chapter.STAGE
PLACE: Final = 2


def compute(counts: Counts, settings: Settings) -> Association:
    """Cross cause and stage."""
    return associate(counts.table("cause", "stage"), settings, "cause by stage")


def sentences(result: Association) -> tuple[str, ...]:
    """Say the association and the cells that stand out most."""
    return crosstab_sentences(result)


def grids(result: Association) -> tuple[Grid, ...]:
    """Return the counts and all cells."""
    return crosstab_grids(result, "cause-by-stage")


def figures(result: Association) -> tuple[Figure, ...]:
    """Draw the profiles and the residuals."""
    return crosstab_figures(result, "cause-by-stage", profiles=True)


EXAMPLE: Final = Example(
    counts=rows(
        ("crash/process-killed", "hardware/cpu-memory", "fine-tuning", 9),
        ("crash/process-killed", "hardware/cpu-memory", "inference", 1),
        ("loading/tokenizer", "tokenizer/file", "fine-tuning", 1),
        ("loading/tokenizer", "tokenizer/file", "inference", 9),
    ),
    check=lambda result: round(result.chi_square, 4) == 12.8 and round(result.cramers_v, 4) == 0.8,
)
