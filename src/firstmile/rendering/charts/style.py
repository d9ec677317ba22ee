"""What all charts share: fonts, sizes, axes, legends, and how numbers read in labels."""

import re
from collections.abc import Sequence
from typing import Any, Final

from firstmile.rendering.charts.colors import INK, PAPER, RULE, SOFT, ColorKey
from firstmile.rendering.inert import visible
from firstmile.rendering.lettering import width

WIDTH: Final = 720
"""Width of a static figure in pixels; on the page a chart takes the width it is given."""

NARROW: Final = 480
"""A chart narrower than this many pixels is laid out for a phone."""

FONT: Final = "Liberation Sans, Arimo, Arial, Helvetica, Narrowed, sans-serif"
"""Liberation Sans is built into the converter, so figures need no font on the machine.

The next three write as wide; `Narrowed` is a wider common font that the page scales to it.
"""

IS_NARROW: Final = f"space < {NARROW}"
"""The Vega expression that tells whether the chart is laid out for a phone."""

Spec = dict[str, Any]

_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"


def vega_lite(*, height: float, names: Sequence[str] = (), short: int = 17, **parts: Any) -> Spec:
    """Return a Vega-Lite specification of the house width, as tall as said, with its parts.

    The parameter `space` holds the width that the page gives the chart; `lines` the `names` of
    a category axis broken into lines, `shortLines` the same for a phone, of `short` letters.
    """
    lines = 3 if names and height / len(names) >= 34 else 2
    params = [
        {"name": "space", "value": WIDTH},
        {"name": "lines", "value": {name: wrapped(name, widest=38) for name in names}},
        {
            "name": "shortLines",
            "value": {name: wrapped(name, widest=short, lines=lines) for name in names},
        },
    ]
    return {
        "$schema": _SCHEMA,
        "width": WIDTH,
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "padding": 4,
        "background": PAPER,
        "config": CONFIG,
        "params": params,
        **parts,
    }


CONFIG: Final[Spec] = {
    "aria": False,
    "font": FONT,
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": SOFT,
        "gridColor": RULE,
        "domainColor": RULE,
        "tickColor": RULE,
        "labelPadding": 6,
        "titlePadding": 8,
    },
    "axisY": {"domain": False, "ticks": False},
    "legend": {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": SOFT,
        "orient": "top",
        "rowPadding": 4,
        "columnPadding": 14,
        "offset": 10,
    },
    "text": {"fontSize": 11, "fill": INK},
}


def category_axis(*, title: str | None = None, widest: int = 240, narrow: int = 108) -> Spec:
    """Return the axis of category names at the left; long ones run over two lines.

    `widest` is the room for a name in pixels, `narrow` that on a phone.
    """
    shown = f"({IS_NARROW} ? shortLines[datum.value] : lines[datum.value])"
    return {
        "title": title,
        "labelLimit": {"expr": f"{IS_NARROW} ? {narrow} : {widest}"},
        "labelExpr": shown,
        "labelOffset": {
            "condition": [
                {"test": f"length({shown}) > {rows}", "value": -6 * rows} for rows in (2, 1)
            ],
            "value": 0,
        },
        "labelFontSize": {"expr": f"{IS_NARROW} ? 11 : 12"},
        "labelLineHeight": 12,
        "labelOverlap": False,
        "grid": False,
    }


def number_axis(title: str | Sequence[str], *, as_percent: bool = False, **more: Any) -> Spec:
    """Return the axis of a number, with fewer ticks on a phone."""
    return {
        "title": title if isinstance(title, str) else list(title),
        "tickCount": {"expr": f"{IS_NARROW} ? 3 : 6"},
        "grid": True,
        **({"format": ".0%"} if as_percent else {}),
        **more,
    }


def wrapped(text: str, *, widest: int, lines: int = 2, break_words: bool = False) -> list[str]:
    """Break text at spaces into as few lines of `widest` letters as do; the last takes the rest.

    With `break_words` a line may also end inside a word, before a capital: Value|Error.
    """
    rows = [text]
    for allowed in range(1, lines + 1):
        even = min(widest, len(text) // allowed + 4)
        rows = _filled(text, widest=even, lines=allowed, break_words=break_words)
        if max(map(len, rows)) <= widest:
            break
    return rows


def _filled(text: str, *, widest: int, lines: int, break_words: bool) -> list[str]:
    rows = [""]
    for word in text.split():
        for place, part in enumerate(_CAPITAL.split(word) if break_words else (word,)):
            longer = rows[-1] + (" " if rows[-1] and place == 0 else "") + part
            if not rows[-1] or len(longer) <= widest or len(rows) == lines:
                rows[-1] = longer
            else:
                rows.append(part)
    return rows


_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def color_scale(names: Sequence[str], colors: ColorKey) -> Spec:
    """Return the scale that draws each name in its own color."""
    return {"domain": list(names), "range": [colors.color(name) for name in names]}


def shape_scale(names: Sequence[str], colors: ColorKey) -> Spec:
    """Return the scale that draws each name in its own point shape."""
    return {"domain": list(names), "range": [colors.shape(name) for name in names]}


def dash_scale(names: Sequence[str], colors: ColorKey) -> Spec:
    """Return the scale that draws each name's line in its own dashes."""
    return {"domain": list(names), "range": [list(colors.dash(name)) for name in names]}


def legend(names: Sequence[str], *, room: int = WIDTH - 190, **more: Any) -> Spec:
    """Return a legend above the chart with as many columns as its names leave room for."""
    narrow_room = 230
    columns = _columns(names, room)
    narrow_columns = _columns(names, narrow_room)
    return {
        "title": None,
        "columns": {"expr": f"{IS_NARROW} ? {narrow_columns} : {columns}"},
        "labelLimit": {"expr": f"{IS_NARROW} ? {narrow_room} : {room - 30}"},
        **more,
    }


def _columns(names: Sequence[str], room: int) -> int:
    for columns in range(len(names), 1, -1):
        widths = [
            max(text_width(name, size=12) for name in names[place::columns]) + 34
            for place in range(columns)
        ]
        if sum(widths) <= room:
            return columns
    return 1


def text_width(text: str, *, size: float) -> float:
    """Estimate the width of text in the house font, in pixels, a little on the wide side."""
    return size * _SPARE * sum(map(_letter_width, text))


def _letter_width(letter: str) -> float:
    known = width(letter, size=1)
    if known is not None:
        return known
    if ord(letter) > 0x2E80:
        return 1.0
    return 0.72 if letter.isupper() else 0.56


_SPARE = 1.04
"""Some of the fonts that stand in for the house font are a little wider in some letters."""


def highlight(field: str) -> Spec:
    """Return the parameter that dims all but the category picked in the legend."""
    return {"name": "picked", "select": {"type": "point", "fields": [field]}, "bind": "legend"}


DIMMED: Final[Spec] = {"condition": {"param": "picked", "value": 1}, "value": 0.15}
"""The opacity that goes with `highlight`."""


def percent(value: float, *, decimals: int = 1) -> str:
    """Return a share as per cent: 0.309 as "30.9%"."""
    return f"{number(100 * value, decimals=decimals)}%"


def number(value: float, *, decimals: int = 2) -> str:
    """Return a number with a true minus sign, and none before a zero."""
    text = f"{value:,.{decimals}f}"
    if not text.strip("-0.,"):
        text = text.lstrip("-")
    return text.replace("-", "−")


def count(value: float) -> str:
    """Return a count: whole when it is whole, otherwise with one decimal."""
    return number(value, decimals=0 if float(value).is_integer() else 1)


def listed(parts: Sequence[str]) -> str:
    """Return parts as a sentence lists them: "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return ", ".join(parts[:-1]) + " and " + parts[-1]


def labels(names: Sequence[str]) -> tuple[str, ...]:
    """Return names in a form that is safe to draw; raise ValueError when two are the same."""
    shown = tuple(visible(name) for name in names)
    if len(set(shown)) < len(shown):
        raise ValueError(f"The names {shown} are not all different, so a chart would merge them.")
    return shown


def plain(value: Any) -> Any:
    """Return a number from any array library as Python's own."""
    item = getattr(value, "item", None)
    return item() if callable(item) else value


def matrix(values: Sequence[Sequence[Any]], *, rows: int, columns: int) -> list[list[Any]]:
    """Return rows x columns values as Python's own; raise ValueError when the shape differs."""
    taken = [[plain(value) for value in row] for row in values]
    if len(taken) != rows or any(len(row) != columns for row in taken):
        raise ValueError(f"{rows} rows of {columns} values are needed.")
    return taken
