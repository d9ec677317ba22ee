"""Do root causes differ between fine-tuning and inference?"""

from typing import Final

from firstmile.rendering.document import Figure, Grid
from firstmile.study.analysis import Chapter
from firstmile.study.association import Association, associate
from firstmile.study.counts import Counts
from firstmile.study.crosstab import crosstab_figures, crosstab_grids, crosstab_sentences
from firstmile.study.settings import Settings
from firstmile.study.worked import nine_to_one

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


EXAMPLE: Final = nine_to_one(stages=("fine-tuning", "inference"))
