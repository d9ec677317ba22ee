"""Terms named by the codebook that the labels are of."""

from collections.abc import Iterator
from contextlib import contextmanager

from firstmile.study.analysis import find_analyses
from firstmile.taxonomy import Taxonomy, packaged_taxonomy, using


@contextmanager
def named_by(taxonomy: Taxonomy) -> Iterator[None]:
    """Let sentences, tables and figures name what they show by a codebook."""
    if taxonomy is packaged_taxonomy():
        yield
        return
    # Their worked examples are made when they are first imported, and are of the packaged one.
    list(find_analyses())
    with using(taxonomy):
        yield
