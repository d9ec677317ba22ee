"""Which symptoms point to which root causes, beyond what their frequencies alone would give?"""

from typing import Final

from firstmile.rendering.document import Figure, Grid
from firstmile.study.analysis import Chapter, Example
from firstmile.study.association import Association, associate
from firstmile.study.counts import Counts
from firstmile.study.crosstab import crosstab_figures, crosstab_grids, crosstab_sentences
from firstmile.study.settings import Settings
from firstmile.study.worked import rows

HEADING: Final = "Symptom by root cause"
CHAPTER: Final = Chapter.ASSOCIATION
PLACE: Final = 1


def compute(counts: Counts, settings: Settings) -> Association:
    """Cross symptom and cause classes."""
    return associate(counts.table("symptom", "cause"), settings, "symptom by cause")


def sentences(result: Association) -> tuple[str, ...]:
    """Say the association and the cells that stand out most."""
    return crosstab_sentences(result, cells=5)


def grids(result: Association) -> tuple[Grid, ...]:
    """Return the counts and all cells."""
    return crosstab_grids(result, "symptom-by-cause")


def figures(result: Association) -> tuple[Figure, ...]:
    """Draw the residuals."""
    return crosstab_figures(result, "symptom-by-cause")


EXAMPLE: Final = Example(
    counts=rows(
        ("crash/process-killed", "hardware/cpu-memory", "inference", 20),
        ("crash/process-killed", "tokenizer/file", "inference", 10),
        ("loading/tokenizer", "hardware/cpu-memory", "inference", 10),
        ("loading/tokenizer", "tokenizer/file", "inference", 20),
    ),
    check=lambda result: (
        round(result.chi_square, 4) == 6.6667
        and round(result.cramers_v, 4) == 0.3333
        and round(result.cell("crash", "hardware").lift.estimate, 4) == 1.3333
    ),
)
