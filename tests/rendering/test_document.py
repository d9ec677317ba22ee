"""Ids name files, so they are safe and used once."""

import pytest

from firstmile.rendering.document import Document, Grid, Section, all_figures, all_grids, walk
from rendering import samples


def document_with(*ids: str) -> Document:
    grids = tuple(Grid(id=name, caption="", header=("a",), rows=()) for name in ids)
    section = Section(id="s", heading="", grids=grids)
    return Document(title="", subtitle="", summary=(), facts=(), sections=(section,))


@pytest.mark.parametrize(
    "name", ["../escape", "/etc/passwd", "a b", "", ".hidden", "A", "a/b", "é"]
)
def test_id_that_cannot_name_a_file_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a file"):
        all_grids(document_with(name))


def test_id_used_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="two things"):
        all_grids(document_with("a", "a"))


def test_nested_sections_come_after_their_own() -> None:
    ids = [section.id for section in walk(samples.document().sections)]
    assert ids[:2] == ["claims-section", "nested"]


def test_grids_of_figures_count_as_grids() -> None:
    document = samples.document()
    figures = {figure.id for figure in all_figures(document)}
    assert figures < {grid.id for grid in all_grids(document)}
