"""The short version of a document, for a terminal."""

import textwrap
from collections.abc import Iterator

from firstmile.rendering.cells import cell_text
from firstmile.rendering.document import Document, Grid, walk
from firstmile.rendering.inert import visible


def summary_lines(document: Document, *, width: int = 80, grids: tuple[str, ...] = ()) -> list[str]:
    """Return title, facts, summary and what is missing as lines of at most `width` characters.

    `grids` are the ids of grids to show as well. The lines hold no control characters, so
    they can be printed as they are.
    """
    return list(_lines(document, width=max(width, 20), shown=grids))


def _lines(document: Document, *, width: int, shown: tuple[str, ...]) -> Iterator[str]:
    yield from _wrapped(document.title, width=width)
    yield from _wrapped(document.subtitle, width=width)
    yield ""
    name_width = max((len(visible(name)) for name, _ in document.facts), default=0)
    for name, value in document.facts:
        start = f"{visible(name):<{name_width}}  "
        yield from _wrapped(value, width=width, start=start)
    if document.facts:
        yield ""
    for sentence in document.summary:
        yield from _wrapped(sentence, width=width, start="- ")
    for section in walk(document.sections):
        for grid in section.grids:
            if grid.id in shown:
                yield ""
                yield from grid_lines(grid, width=width)
    unanswered = [s for s in walk(document.sections) if s.missing]
    if unanswered:
        yield ""
        yield "Not answered:"
        for section in unanswered:
            yield from _wrapped(f"{section.heading}: {section.missing}", width=width, start="- ")


def grid_lines(grid: Grid, *, width: int = 80) -> list[str]:
    """Return a grid as aligned columns; the widest text columns are cut where room is short."""
    columns = range(len(grid.header))
    cells = [[visible(name) for name in grid.header]]
    cells += [[visible(cell_text(grid, r, c)) for c in columns] for r in range(len(grid.rows))]
    widths = [max(len(row[c]) for row in cells) for c in columns]
    gaps = 2 * (len(widths) - 1)
    while sum(widths) + gaps > width and max(widths) > 6:
        widths[widths.index(max(widths))] -= 1
    right = {
        c for c in columns if all(not isinstance(row[c], str) for row in grid.rows) and grid.rows
    }

    def line(row: list[str]) -> str:
        parts = [
            _cut(text, w).rjust(w) if c in right else _cut(text, w).ljust(w)
            for c, (text, w) in enumerate(zip(row, widths, strict=True))
        ]
        return "  ".join(parts).rstrip()[:width]

    head, *body = cells
    return [
        *_wrapped(grid.caption, width=width),
        line(head),
        "  ".join("-" * w for w in widths)[:width],
        *map(line, body),
    ]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _wrapped(text: str, *, width: int, start: str = "") -> list[str]:
    return textwrap.wrap(
        visible(text),
        width=width,
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_on_hyphens=False,
    ) or [start.rstrip()]
