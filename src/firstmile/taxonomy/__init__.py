"""The codebook as data, and its loader.

`codebook/` holds one file a class (terms of symptoms, causes, stages), `initiatives/` one file
a cause. Every label in the project is a `Term` of `load_taxonomy()`: the codebook that comes along,
unless a study brings one of its own (`using`). `industry` reads the initiatives. `codebook.json` is
the codebook in one file, a shortcut (`index`).
"""

from firstmile.taxonomy.terms import (
    Axis,
    BoundaryRule,
    Classification,
    Example,
    Origin,
    Taxonomy,
    Term,
    fingerprints,
    load_taxonomy,
    packaged_taxonomy,
    using,
)

__all__ = [
    "Axis",
    "BoundaryRule",
    "Classification",
    "Example",
    "Origin",
    "Taxonomy",
    "Term",
    "fingerprints",
    "load_taxonomy",
    "packaged_taxonomy",
    "using",
]
