"""What a report holds, before it is drawn: sections of sentences, grids and figures."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Value = str | int | float | bool | None
"""What a grid's cell may hold; None means "not known" and is shown as such."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table: one tuple a row, as long as `header`; `decimals` per column for floats.

    `id` is unique in the document and names the CSV and LaTeX files. `row_headers` says that
    the first column names the rows. `links` maps (row, column) to an https address. The cells of
    `mark_columns` are marks, as those beside a heading.
    """

    id: str
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    decimals: Mapping[int, int] | None = None
    row_headers: bool = True
    links: Mapping[tuple[int, int], str] | None = None
    note: str | None = None
    mark_columns: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A chart: a Vega or Vega-Lite specification, in light colors, with its data inside.

    `description` is what a person who cannot see the chart needs to hear, generated from the
    same numbers. `grid` holds the numbers that are drawn.
    """

    id: str
    title: str
    description: str
    language: Literal["vega", "vega-lite"]
    specification: Mapping[str, Any]
    grid: Grid


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of a report: a question and what answers it.

    `missing` says why there is no answer ("needs rows ..."); `marks` are short words beside
    the heading, such as a verdict or "exploratory". `folded` is what a reader opens to see the
    grids and notes (None: they are open). `sections` are nested one level deep.
    """

    id: str
    heading: str
    question: str = ""
    sentences: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    grids: tuple[Grid, ...] = ()
    notes: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    missing: str | None = None
    folded: str | None = None
    sections: tuple["Section", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole report. `facts` are name-value pairs shown at its head (source, n, versions)."""

    title: str
    subtitle: str
    summary: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]


def walk(sections: tuple[Section, ...]) -> Iterator[Section]:
    """Yield all sections in reading order, nested ones after the one that holds them."""
    for section in sections:
        yield section
        yield from walk(section.sections)


def all_figures(document: Document) -> tuple[Figure, ...]:
    """Return the figures in reading order; raise ValueError when two share an id."""
    figures = [figure for section in walk(document.sections) for figure in section.figures]
    _require_distinct([figure.id for figure in figures])
    return tuple(figures)


def all_grids(document: Document) -> tuple[Grid, ...]:
    """Return all grids, those of figures included; raise ValueError when two share an id."""
    grids = []
    for section in walk(document.sections):
        grids += [figure.grid for figure in section.figures]
        grids += section.grids
    _require_distinct([grid.id for grid in grids])
    return tuple(grids)


_SAFE_ID = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*", re.ASCII)


def _require_distinct(ids: list[str]) -> None:
    for place, name in enumerate(ids):
        if not _SAFE_ID.fullmatch(name):
            raise ValueError(f"{name!r} cannot name a file: use small letters, digits, - . and _.")
        if name in ids[:place]:
            raise ValueError(f"{name!r} names two things of the document.")
