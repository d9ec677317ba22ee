"""How far conclusions survive label noise: the share of relabellings in which each holds."""

from collections.abc import Mapping, Sequence

from firstmile.rendering.charts.colors import (
    INK,
    PAPER,
    SEQUENTIAL,
    SOFT,
    ColorKey,
    color_key,
    readable_on,
)
from firstmile.rendering.charts.style import (
    DIMMED,
    IS_NARROW,
    WIDTH,
    Spec,
    category_axis,
    color_scale,
    dash_scale,
    highlight,
    labels,
    legend,
    matrix,
    number_axis,
    percent,
    shape_scale,
    vega_lite,
)
from firstmile.rendering.document import Figure, Grid

_HEIGHT = 300
_MOST_LINES = 9
_ROW = 38
_STEPS = (0.2, 0.5, 0.8, 0.95)
"""Shares at which a cell's color changes, where there are more conclusions than lines."""


def noise_curves(
    *,
    id: str,  # noqa: A002 - what Figure and Grid call it
    title: str,
    levels: Sequence[float],
    curves: Mapping[str, Sequence[float]],
    colors: ColorKey | None = None,
    threshold: float | None = None,
    level_name: str = "labels changed at random",
    value_name: str = "simulated relabellings in which it holds",
) -> Figure:
    """Draw one line a conclusion over noise `levels` (0 to 1); `threshold` draws a line across.

    Lines are told apart by color, dash and point shape. More conclusions than nine would be a
    tangle: they become rows of colored cells, with what reaches the threshold in bold.
    """
    names = labels(tuple(curves))
    cells = matrix(list(curves.values()), rows=len(names), columns=len(levels))
    key = colors or color_key(names)
    grid = Grid(
        id=id,
        caption=title,
        header=("conclusion", *(f"{percent(level, decimals=0)} noise" for level in levels)),
        rows=tuple((name, *row) for name, row in zip(names, cells, strict=True)),
        decimals=dict.fromkeys(range(1, len(levels) + 1), 3),
        note=f"Each cell: share of {value_name}.",
    )
    is_tangle = len(names) > _MOST_LINES
    specification = (
        _cells_specification(names, levels, cells, threshold, level_name=level_name)
        if is_tangle
        else _lines_specification(
            names, levels, cells, key, threshold, level_name=level_name, value_name=value_name
        )
    )
    said = [
        f"{name}: "
        + ", ".join(
            f"{percent(value, decimals=0)} at {percent(level, decimals=0)}"
            for level, value in zip(levels, row, strict=True)
        )
        + "."
        for name, row in zip(names, cells, strict=True)
    ]
    return Figure(
        id=id,
        title=title,
        description=f"{'Cells' if is_tangle else 'Lines'}: share of {value_name}, by"
        f" {level_name}. {' '.join(said)}",
        language="vega-lite",
        specification=specification,
        grid=grid,
    )


def _tip(name: str, level: float, value: float) -> str:
    return f"{name}\nholds in {percent(value)} at {percent(level, decimals=0)} noise"


def _cells_specification(
    names: Sequence[str],
    levels: Sequence[float],
    cells: list[list[float]],
    threshold: float | None,
    *,
    level_name: str,
) -> Spec:
    heads = [percent(level, decimals=0) for level in levels]
    values = []
    for name, row in zip(names, cells, strict=True):
        for level, head, value in zip(levels, heads, row, strict=True):
            step = sum(value >= limit for limit in _STEPS)
            values.append(
                {
                    "conclusion": name,
                    "level": head,
                    "fill": SEQUENTIAL[step],
                    "ink": INK if step < 3 else readable_on(SEQUENTIAL[step]),
                    "label": percent(value, decimals=0),
                    "holds": threshold is not None and value >= threshold,
                    "tip": _tip(name, level, value),
                }
            )
    return vega_lite(
        height=_ROW * len(names),
        names=names,
        data={"values": values},
        encoding={
            "x": {
                "field": "level",
                "type": "nominal",
                "sort": heads,
                "axis": {
                    "orient": "top",
                    "title": level_name,
                    "labelAngle": 0,
                    "domain": False,
                    "ticks": False,
                },
            },
            "y": {
                "field": "conclusion",
                "type": "nominal",
                "sort": list(names),
                "axis": category_axis(widest=300),
            },
            "tooltip": {"field": "tip"},
        },
        layer=[
            {
                "mark": {"type": "rect", "stroke": PAPER, "strokeWidth": 2},
                "encoding": {"color": {"field": "fill", "type": "nominal", "scale": None}},
            },
            {
                "mark": {
                    "type": "text",
                    "fontSize": {"expr": f"{IS_NARROW} ? 9 : 12"},
                    "fontWeight": {"expr": "datum.holds ? 'bold' : 'normal'"},
                },
                "encoding": {
                    "text": {"field": "label"},
                    "color": {"field": "ink", "type": "nominal", "scale": None},
                },
            },
        ],
    )


def _lines_specification(
    names: Sequence[str],
    levels: Sequence[float],
    cells: list[list[float]],
    key: ColorKey,
    threshold: float | None,
    *,
    level_name: str,
    value_name: str,
) -> Spec:
    values = [
        {
            "level": float(level),
            "share": value,
            "conclusion": name,
            "tip": _tip(name, level, value),
        }
        for name, row in zip(names, cells, strict=True)
        for level, value in zip(levels, row, strict=True)
    ]
    x = {
        "field": "level",
        "type": "quantitative",
        "axis": {
            "title": level_name,
            "format": ".0%",
            "values": [float(v) for v in levels],
            "grid": False,
        },
        "scale": {"nice": False, "zero": False, "padding": 8},
    }
    y = {
        "field": "share",
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": number_axis(f"share of {value_name}", as_percent=True, tickCount=5),
    }
    color = {
        "field": "conclusion",
        "type": "nominal",
        "scale": color_scale(names, key),
        "legend": legend(names, room=WIDTH - 90),
    }
    layers: list[Spec] = [
        {
            "mark": {"type": "line", "strokeWidth": 2},
            "encoding": {
                "x": x,
                "y": y,
                "color": color,
                "strokeDash": {**color, "scale": dash_scale(names, key)},
                "opacity": DIMMED,
            },
        },
        {
            "params": [highlight("conclusion")],
            "mark": {"type": "point", "filled": True, "size": 80},
            "encoding": {
                "x": x,
                "y": y,
                "color": color,
                "shape": {**color, "scale": shape_scale(names, key)},
                "opacity": DIMMED,
                "tooltip": {"field": "tip"},
            },
        },
    ]
    if threshold is not None:
        layers.insert(
            0,
            {
                "data": {"values": [{"at": threshold}]},
                "mark": {"type": "rule", "stroke": SOFT, "strokeDash": [4, 3]},
                "encoding": {"y": {**y, "field": "at"}},
            },
        )
    return vega_lite(height=_HEIGHT, data={"values": values}, layer=layers)
