"""The codebook as data, and its loader.

`codebook/` holds one file a class (terms of symptoms, causes, stages), `initiatives/` one file
a cause. `load_taxonomy()` reads both once; every label in the project is a `Term` of it.
"""

from firstmile.taxonomy.industry import CauseInitiatives, Initiative, load_initiatives
from firstmile.taxonomy.terms import (
    Axis,
    BoundaryRule,
    Classification,
    Example,
    Taxonomy,
    Term,
    load_taxonomy,
)

__all__ = [
    "Axis",
    "BoundaryRule",
    "CauseInitiatives",
    "Classification",
    "Example",
    "Initiative",
    "Taxonomy",
    "Term",
    "load_initiatives",
    "load_taxonomy",
]
