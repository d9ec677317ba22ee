"""Estimates with their intervals, one row a category, points of several groups side by side."""

from collections.abc import Sequence

from firstmile.rendering.charts.colors import ACCENT, INK, PAPER, ColorKey
from firstmile.rendering.charts.estimates import Estimate, distinct, drawable, estimates_grid
from firstmile.rendering.charts.style import (
    Spec,
    category_axis,
    color_scale,
    legend,
    number_axis,
    shape_scale,
    vega_lite,
)
from firstmile.rendering.document import Figure

_ROW = 26
_GROUP_ROW = 14


def dot_interval(
    estimates: Sequence[Estimate],
    *,
    id: str,  # noqa: A002 - what Figure and Grid call it
    title: str,
    value_name: str,
    colors: ColorKey | None = None,
    as_percent: bool = False,
    decimals: int = 2,
    reference: float | None = None,
    reference_name: str = "the reference",
    log_scale: bool = False,
    category_name: str = "category",
    group_name: str = "group",
    mark_name: str | None = None,
) -> Figure:
    """Draw estimates as points with interval lines, in the order given.

    Groups are told apart by color and shape. With `mark_name`, points that are not `marked`
    are drawn hollow. `reference` draws a line, such as "no difference" at 0 or 1.
    """
    drawn = drawable(estimates)
    digits = 1 if as_percent else decimals
    said = [
        f"{f'{e.group}, ' if e.group else ''}{e.category}: "
        f"{e.said(as_percent=as_percent, decimals=digits)}"
        f"{f', {mark_name}' if mark_name and e.marked else ''}."
        for e in drawn
    ]
    about = "" if reference is None else f" A line marks {reference_name} at {reference:g}."
    return Figure(
        id=id,
        title=title,
        description=f"Points with intervals: {value_name}.{about} {' '.join(said)}",
        language="vega-lite",
        specification=_specification(
            drawn,
            colors=colors,
            value_name=value_name,
            as_percent=as_percent,
            decimals=digits,
            reference=reference,
            log_scale=log_scale,
            mark_name=mark_name,
        ),
        grid=estimates_grid(
            drawn,
            id=id,
            caption=title,
            category_name=category_name,
            group_name=group_name,
            value_name=value_name,
            as_percent=as_percent,
            decimals=decimals,
            mark_name=mark_name,
        ),
    )


def _specification(
    estimates: Sequence[Estimate],
    *,
    colors: ColorKey | None,
    value_name: str,
    as_percent: bool,
    decimals: int,
    reference: float | None,
    log_scale: bool,
    mark_name: str | None,
) -> Spec:
    categories = distinct(e.category for e in estimates)
    groups = distinct(e.group for e in estimates if e.group is not None)
    values = []
    for e in estimates:
        lines = [f"{e.category}{f', {e.group}' if e.group else ''}"]
        lines.append(f"{value_name} {e.said(as_percent=as_percent, decimals=decimals)}")
        if mark_name and e.marked:
            lines.append(mark_name)
        if e.detail:
            lines.append(e.detail)
        name = e.group or e.category
        values.append(
            {
                "category": e.category,
                "group": e.group,
                "value": e.value,
                "low": e.value if e.low is None else e.low,
                "high": e.value if e.high is None else e.high,
                "color": ACCENT if colors is None else colors.color(name),
                "solid": e.marked or mark_name is None,
                "tip": "\n".join(lines),
            }
        )
    x = {
        "type": "quantitative",
        "scale": {
            "type": "log" if log_scale else "linear",
            "zero": False,
            "nice": not log_scale,
            **({"padding": 8} if log_scale else {}),
        },
        "axis": number_axis(value_name, as_percent=as_percent),
    }
    encoding: Spec = {
        "y": {
            "field": "category",
            "type": "nominal",
            "sort": list(categories),
            "axis": category_axis(),
        },
        "tooltip": {"field": "tip"},
    }
    color: Spec = {"field": "color", "type": "nominal", "scale": None}
    shape: Spec = {"value": "circle"}
    if groups:
        key = colors or ColorKey({name: place for place, name in enumerate(groups)})
        color = {
            "field": "group",
            "type": "nominal",
            "scale": color_scale(groups, key),
            "legend": legend(groups),
        }
        shape = {
            "field": "group",
            "type": "nominal",
            "scale": shape_scale(groups, key),
            "legend": legend(groups),
        }
        encoding["yOffset"] = {"field": "group", "type": "nominal", "sort": list(groups)}
    point: Spec = {"type": "point", "size": 62, "strokeWidth": 1.8, "opacity": 1}
    layers: list[Spec] = [
        {
            "mark": {"type": "rule", "strokeWidth": 2},
            "encoding": {
                "x": {"field": "low", **x},
                "x2": {"field": "high"},
                "color": color,
            },
        },
    ]
    for is_solid in sorted({e.marked or mark_name is None for e in estimates}):
        layers.append(
            {
                "mark": {**point, "filled": True} if is_solid else {**point, "fill": PAPER},
                "transform": [{"filter": f"datum.solid === {str(is_solid).lower()}"}],
                "encoding": {"x": {"field": "value", **x}, "color": color, "shape": shape},
            }
        )
    if reference is not None:
        line: Spec = {
            "data": {"values": [{"at": reference}]},
            "mark": {"type": "rule", "stroke": INK, "strokeDash": [4, 3], "strokeWidth": 1.2},
            "encoding": {
                "x": {"field": "at", **x},
                "y": None,
                "yOffset": None,
                "tooltip": None,
            },
        }
        layers.insert(0, line)
    row = max(_ROW, _GROUP_ROW * len(groups) + 8)
    return vega_lite(
        height=row * len(categories),
        names=categories,
        data={"values": values},
        encoding=encoding,
        layer=layers,
    )
