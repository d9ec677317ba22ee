"""Each interval of agreement is said to be by the method it is by, wherever it stands."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agreement.labels import Book, cause
from firstmile.rendering.document import all_grids
from firstmile.statistics.intervals import wilson_interval
from firstmile.study.agreement import Target, data, document, make_report, sentences
from firstmile.study.agreement.coefficients import INTERVALS
from firstmile.study.settings import Settings
from firstmile.taxonomy import Axis, load_taxonomy


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    made = Book(tmp_path)
    for number in range(8):
        for rater in ("ann", "ben", "cat"):
            made.label(number, rater, cause("api"))
    yield made
    made.decisions.close()


def test_where_two_methods_stand_both_are_named(book: Book) -> None:
    found = make_report(
        book.history(), Settings(bootstraps=100), codebook=load_taxonomy(), target=Target(), size=8
    )
    figures = found.first.axis(Axis.CAUSE).levels[0].figures
    by_wilson = wilson_interval(8, 8, confidence=0.95)
    assert (figures.percent.low, figures.percent.high) == (by_wilson.low, by_wilson.high)
    assert figures.ac1.low is None
    assert "bootstrap" in INTERVALS
    assert "Wilson's" in INTERVALS
    assert INTERVALS in " ".join(sentences(found))
    assert data(found)["intervals"] == INTERVALS
    with_bounds = [
        grid
        for grid in all_grids(document(found))
        if any(name == "low" or name.endswith(", low") for name in grid.header)
    ]
    assert len(with_bounds) >= 4
    assert all(INTERVALS in (grid.note or "") for grid in with_bounds)
