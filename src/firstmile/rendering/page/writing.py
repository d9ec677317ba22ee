"""The page itself: everything it needs in one file that asks nothing of the network."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from firstmile.errors import UserError, pip_install
from firstmile.rendering.cells import NOT_KNOWN, cell_text, is_numeric_column
from firstmile.rendering.document import Document, Figure, Grid, Section, all_grids
from firstmile.rendering.figures import Drawing, Drawings, draw_figures
from firstmile.rendering.files import write_whole
from firstmile.rendering.inert import visible
from firstmile.rendering.page.theme import theme_css

_TONES: Final[Mapping[str, str]] = {
    "supported": "good",
    "partly": "mixed",
    "not supported": "bad",
    "cannot be judged": "open",
    "holds": "good",
    "fails": "bad",
    "open": "open",
}
"""Which color a mark gets; a mark that is not here gets a plain outline."""

_ROOM: Final[Mapping[str, int]] = {"prose": 60, "phrase": 24}
"""Cells with more letters than this get a column that is wide enough to read."""

_LONG_TABLE = 12
"""A table with more rows than this gets a filter."""


def write_page(
    document: Document,
    folder: Path,
    *,
    drawings: Drawings | None = None,
    figure_files: Sequence[str] = ("figures/{id}.svg", "figures/{id}.png", "figures/{id}.pdf"),
    table_files: Sequence[str] = ("tables/{id}.csv", "tables/{id}.tex"),
    downloads: Sequence[tuple[str, str]] = (),
    footer: Sequence[str] = (),
    interactive: bool = True,
    language: str = "en",
) -> Path:
    """Write `index.html` into the folder and return its path.

    `drawings` come from `draw_figures` or `write_figures` (drawn here otherwise).
    `figure_files` and `table_files` are the relative addresses of what lies beside the page;
    `downloads` are further (label, relative address) pairs at its head.
    Without `interactive` the page has the static figures only. Raises UserError when the
    template engine or the converter is not installed.
    """
    drawn = drawings or draw_figures(document, formats=("svg",), with_script=interactive)
    vega = drawn.script or "" if interactive and drawn.by_id else ""
    page = _Page(document, drawn.by_id, figure_files=figure_files, table_files=table_files).html(
        vega=vega, downloads=downloads, footer=footer, language=language
    )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "index.html"
    write_whole(path, page)
    return path


def json_for_html(value: Any) -> str:
    """Return JSON that can stand in a script element whatever its strings hold."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _own(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


class _Page:
    """Numbers what a document holds and hands it to the template."""

    def __init__(
        self,
        document: Document,
        drawings: Mapping[str, Drawing],
        *,
        figure_files: Sequence[str],
        table_files: Sequence[str],
    ) -> None:
        all_grids(document)
        self._document = document
        self._drawings = drawings
        self._figure_files = figure_files
        self._table_files = table_files
        self._figures = 0
        self._tables = 0

    def html(
        self,
        *,
        vega: str,
        downloads: Sequence[tuple[str, str]],
        footer: Sequence[str],
        language: str,
    ) -> str:
        """Return the whole page."""
        try:
            from jinja2 import Environment, StrictUndefined
            from markupsafe import Markup
        except ImportError as error:
            raise UserError(
                f"The page needs a package that is not installed: {pip_install('study')}."
            ) from error

        def inert(value: Any) -> Any:
            if isinstance(value, str) and not isinstance(value, Markup):
                return visible(value)
            return value

        environment = Environment(
            autoescape=True,
            undefined=StrictUndefined,
            finalize=inert,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        style = theme_css() + _own("look.css")
        early, late = _own("early.js"), _own("behavior.js")
        scripts = [text for text in (early, vega, late) if text]
        policy = "; ".join(
            (
                "default-src 'none'",
                f"script-src {' '.join(map(_hash, scripts))}",
                f"style-src {_hash(style)}",
                "img-src data:",
                "base-uri 'none'",
                "form-action 'none'",
            )
        )
        return environment.from_string(_own("template.html.j2")).render(
            document=self._document,
            sections=[self._section(section) for section in self._document.sections],
            policy=policy,
            style=Markup(style),  # noqa: S704 - our own file
            early=Markup(early),  # noqa: S704
            late=Markup(late),  # noqa: S704
            vega=Markup(vega),  # noqa: S704
            specifications=[
                (name, Markup(json_for_html(drawing.vega)))  # noqa: S704 - escaped above
                for name, drawing in self._drawings.items()
                if vega
            ],
            downloads=downloads,
            footer=footer,
            language=language,
            tone=lambda mark: _TONES.get(mark, "plain"),
        )

    def _section(self, section: Section) -> dict[str, Any]:
        return {
            "it": section,
            "figures": [self._figure(figure) for figure in section.figures],
            "grids": [self._grid(grid, numbered=True) for grid in section.grids],
            "sections": [self._section(nested) for nested in section.sections],
        }

    def _figure(self, figure: Figure) -> dict[str, Any]:
        from markupsafe import Markup

        self._figures += 1
        return {
            "it": figure,
            "number": self._figures,
            "svg": Markup(self._drawings[figure.id].svg),  # noqa: S704 - the converter escapes
            "files": [_file(pattern, figure.id) for pattern in self._figure_files],
            "grid": self._grid(figure.grid, numbered=False),
        }

    def _grid(self, grid: Grid, *, numbered: bool) -> dict[str, Any]:
        self._tables += numbered
        columns = range(len(grid.header))
        numeric = [is_numeric_column(grid, column) for column in columns]
        return {
            "it": grid,
            "number": self._tables if numbered else None,
            "files": [_file(pattern, grid.id) for pattern in self._table_files],
            "numeric": numeric,
            "is_long": len(grid.rows) > _LONG_TABLE,
            "rows": [
                [self._cell(grid, row, column, numeric[column]) for column in columns]
                for row in range(len(grid.rows))
            ],
        }

    def _cell(self, grid: Grid, row: int, column: int, is_numeric: bool) -> dict[str, Any]:
        value = grid.rows[row][column]
        text = cell_text(grid, row, column)
        return {
            "text": text,
            "look": "number" if is_numeric else _room_for(text),
            "is_mark": column in grid.mark_columns and value is not None,
            "is_known": text != NOT_KNOWN,
            "is_head": grid.row_headers and column == 0,
            "sort": repr(value) if is_numeric and text != NOT_KNOWN else None,
            "link": _safe_link((grid.links or {}).get((row, column))),
        }


def _room_for(text: str) -> str:
    return next((look for look, letters in _ROOM.items() if len(text) > letters), "")


def _file(pattern: str, name: str) -> tuple[str, str]:
    address = pattern.format(id=name)
    ending = address.rpartition(".")[2]
    return {"tex": "LaTeX"}.get(ending, ending.upper()), address


def _safe_link(address: str | None) -> str | None:
    """Return an address only where it is an https one; anything else stays plain text."""
    return address if address and address.lower().startswith("https://") else None
