"""A table of numbers as colored cells around zero, each with its number."""

from collections.abc import Mapping, Sequence
from typing import Any

from firstmile.rendering.charts.colors import DIVERGING, INK, ON_DARK, PAPER
from firstmile.rendering.charts.style import (
    IS_NARROW,
    Spec,
    category_axis,
    labels,
    listed,
    matrix,
    number,
    text_width,
    vega_lite,
)
from firstmile.rendering.document import Figure, Grid

_CELL = 38
_ROOM = f"{{left: 4, top: 4, bottom: 4, right: {IS_NARROW} ? 4 : 16}}"
"""Slanting names stick out at the right, which the layout does not see."""
_DARK_STEPS = (0, 1, len(DIVERGING) - 2, len(DIVERGING) - 1)


def heat_map(
    *,
    id: str,  # noqa: A002 - what Figure and Grid call it
    title: str,
    rows: Sequence[str],
    columns: Sequence[str],
    values: Sequence[Sequence[float | None]],
    marked: Sequence[Sequence[bool]] | None = None,
    limit: float | None = None,
    decimals: int = 1,
    row_name: str = "row",
    column_name: str = "column",
    value_name: str = "value",
    mark_meaning: str = "significant",
    details: Mapping[str, Sequence[Sequence[Any]]] | None = None,
) -> Figure:
    """Draw `values` (len(rows), len(columns)) as cells from blue (below 0) to orange (above).

    `marked` cells get a frame and bold type. `limit` is the size at which color saturates (the
    largest one by default). `details` are further tables of that shape, said in the tooltip
    and kept in the grid. A value of None is an empty cell.
    """
    rows, columns = labels(rows), labels(columns)
    shape = {"rows": len(rows), "columns": len(columns)}
    cells = matrix(values, **shape)
    marks = matrix(marked, **shape) if marked is not None else [[False] * len(columns)] * len(rows)
    extra = {name: matrix(table, **shape) for name, table in (details or {}).items()}
    header = (row_name, column_name, value_name, *extra, *((mark_meaning,) if marked else ()))
    grid = Grid(
        id=id,
        caption=title,
        header=header,
        rows=tuple(
            (
                row,
                column,
                cells[i][j],
                *(table[i][j] for table in extra.values()),
                *((bool(marks[i][j]),) if marked else ()),
            )
            for i, row in enumerate(rows)
            for j, column in enumerate(columns)
        ),
        decimals={c: max(decimals, 2) for c in range(2, 3 + len(extra))},
    )
    size = limit or max((abs(v) for row in cells for v in row if v is not None), default=1) or 1
    return Figure(
        id=id,
        title=title,
        description=_description(
            rows, columns, cells, marks, value_name=value_name, mark_meaning=mark_meaning
        ),
        language="vega-lite",
        specification=_specification(
            rows,
            columns,
            _data(rows, columns, cells, marks, extra, size, value_name, mark_meaning, decimals),
            column_name=column_name,
        ),
        grid=grid,
    )


def step_of(value: float, size: float) -> int:
    """Return which of the diverging colors a value takes: the middle one around zero."""
    middle = len(DIVERGING) // 2
    return middle + max(-middle, min(middle, round(value / size * middle)))


def _description(
    rows: Sequence[str],
    columns: Sequence[str],
    cells: list[list[Any]],
    marks: list[list[Any]],
    *,
    value_name: str,
    mark_meaning: str,
) -> str:
    known = [
        (cells[i][j], f"{row} with {column} {number(cells[i][j], decimals=1)}", marks[i][j])
        for i, row in enumerate(rows)
        for j, column in enumerate(columns)
        if cells[i][j] is not None
    ]
    start = f"Heat map of {len(rows)} by {len(columns)} cells: {value_name}."
    if not known:
        return f"{start} No cell has a value."
    by_size = sorted(known, key=lambda cell: cell[0])
    high = listed([text for _, text, _ in by_size[::-1][:3]])
    low = listed([text for _, text, _ in by_size[:3]])
    said = f"{start} Highest: {high}. Lowest: {low}."
    if any(mark for *_, mark in known):
        said += f" {sum(map(bool, (m for *_, m in known)))} of {len(known)} cells are marked as"
        said += f" {mark_meaning}."
    return said


def _data(
    rows: Sequence[str],
    columns: Sequence[str],
    cells: list[list[Any]],
    marks: list[list[Any]],
    extra: Mapping[str, list[list[Any]]],
    size: float,
    value_name: str,
    mark_meaning: str,
    decimals: int,
) -> list[Spec]:
    data = []
    for i, row in enumerate(rows):
        for j, column in enumerate(columns):
            value = cells[i][j]
            step = len(DIVERGING) // 2 if value is None else step_of(value, size)
            shown = "" if value is None else number(value, decimals=decimals)
            lines = [f"{row} with {column}", f"{value_name} {shown or 'not known'}"]
            lines += [f"{name} {_short(table[i][j])}" for name, table in extra.items()]
            if marks[i][j]:
                lines.append(mark_meaning)
            data.append(
                {
                    "row": row,
                    "column": column,
                    "fill": DIVERGING[step],
                    "ink": ON_DARK if step in _DARK_STEPS else INK,
                    "label": shown,
                    "marked": bool(marks[i][j]),
                    "tip": "\n".join(lines),
                }
            )
    return data


def _short(value: Any) -> str:
    if isinstance(value, float) and not value.is_integer():
        return number(value, decimals=3)
    if value is None:
        return "not known"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _specification(
    rows: Sequence[str], columns: Sequence[str], data: list[Spec], *, column_name: str
) -> Spec:
    widest = max((text_width(column, size=12) for column in columns), default=0) + 8
    long_names = widest * len(columns) > 500
    is_crowded = widest * len(columns) > 200
    slanting = "true" if long_names else "false"
    upright = f"({IS_NARROW} && {'true' if is_crowded else 'false'})"
    x = {
        "field": "column",
        "type": "nominal",
        "sort": list(columns),
        "axis": {
            "orient": "top",
            "title": None,
            "domain": False,
            "ticks": False,
            "labelAngle": {"expr": f"{upright} ? -90 : {slanting} ? -35 : 0"},
            "labelAlign": {"expr": f"{upright} || {slanting} ? 'left' : 'center'"},
            "labelBaseline": {
                "expr": f"{upright} ? 'middle' : {slanting} ? 'bottom' : 'alphabetic'"
            },
            "labelFontSize": {"expr": f"{IS_NARROW} ? 11 : 12"},
            "labelLimit": {"expr": f"{IS_NARROW} ? 150 : 220"},
            "labelOverlap": False,
        },
    }
    y = {"field": "row", "type": "nominal", "sort": list(rows), "axis": category_axis(widest=200)}
    scale = {"scale": None}
    return vega_lite(
        height=_CELL * len(rows),
        names=rows,
        padding={"expr": _ROOM} if long_names else 4,
        data={"values": data},
        encoding={"x": x, "y": y, "tooltip": {"field": "tip"}},
        layer=[
            {
                "mark": {"type": "rect", "stroke": PAPER, "strokeWidth": 2},
                "encoding": {"color": {"field": "fill", "type": "nominal", **scale}},
            },
            {
                "transform": [{"filter": "datum.marked"}],
                "mark": {
                    "type": "rect",
                    "filled": False,
                    "strokeWidth": 1.5,
                    "width": {"expr": "bandwidth('x') - 6"},
                    "height": {"expr": "bandwidth('y') - 6"},
                },
                "encoding": {"stroke": {"field": "ink", "type": "nominal", **scale}},
            },
            {
                "mark": {
                    "type": "text",
                    "fontSize": {"expr": f"{IS_NARROW} ? 9 : 12"},
                    "fontWeight": {"expr": "datum.marked ? 'bold' : 'normal'"},
                },
                "encoding": {
                    "text": {"field": "label"},
                    "color": {"field": "ink", "type": "nominal", **scale},
                },
            },
        ],
    )
