"""Do users of different model series report different symptoms?"""

from typing import Final

from firstmile.rendering.document import Figure, Grid
from firstmile.study.analysis import Chapter, Example
from firstmile.study.association import Association, associate
from firstmile.study.counts import Counts
from firstmile.study.crosstab import crosstab_figures, crosstab_grids, crosstab_sentences
from firstmile.study.settings import Settings
from firstmile.study.worked import rows

HEADING: Final = "Symptoms by series"
CHAPTER: Final = Chapter.SERIES
PLACE: Final = 1


def compute(counts: Counts, settings: Settings) -> Association:
    """Cross symptom and series."""
    return associate(counts.table("symptom", "series"), settings, "symptom by series")


def sentences(result: Association) -> tuple[str, ...]:
    """Say the association and the cells that stand out most."""
    return crosstab_sentences(result)


def grids(result: Association) -> tuple[Grid, ...]:
    """Return the counts and all cells."""
    return crosstab_grids(result, "symptom-by-series")


def figures(result: Association) -> tuple[Figure, ...]:
    """Draw the profiles and the residuals."""
    return crosstab_figures(result, "symptom-by-series", profiles=True)


EXAMPLE: Final = Example(
    counts=rows(
        ("crash/process-killed", "hardware/cpu-memory", "inference", 9),
        ("crash/process-killed", "hardware/cpu-memory", "inference", 1),
        ("loading/tokenizer", "tokenizer/file", "inference", 1),
        ("loading/tokenizer", "tokenizer/file", "inference", 9),
        series=("A", "B", "A", "B"),
    ),
    check=lambda result: round(result.chi_square, 4) == 12.8 and round(result.cramers_v, 4) == 0.8,
)
