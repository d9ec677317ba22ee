"""Do users of different model series report different symptoms?"""

from typing import Final

from firstmile.rendering.document import Figure, Grid
from firstmile.study.analysis import Chapter
from firstmile.study.association import Association, associate
from firstmile.study.counts import Counts
from firstmile.study.crosstab import crosstab_figures, crosstab_grids, crosstab_sentences
from firstmile.study.settings import Settings
from firstmile.study.worked import nine_to_one

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


EXAMPLE: Final = nine_to_one(series=("A", "B"))
