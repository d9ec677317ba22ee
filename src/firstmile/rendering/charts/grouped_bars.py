"""Bars of several groups side by side, each with its interval."""

from collections.abc import Sequence

from firstmile.rendering.charts.colors import INK, PAPER, ColorKey
from firstmile.rendering.charts.estimates import Estimate, distinct, drawable, estimates_grid
from firstmile.rendering.charts.style import (
    DIMMED,
    Spec,
    category_axis,
    color_scale,
    highlight,
    legend,
    number_axis,
    vega_lite,
)
from firstmile.rendering.document import Figure


def grouped_bars(
    estimates: Sequence[Estimate],
    *,
    id: str,  # noqa: A002 - what Figure and Grid call it
    title: str,
    value_name: str,
    colors: ColorKey,
    as_percent: bool = True,
    decimals: int = 1,
    category_name: str = "category",
    group_name: str = "group",
    mark_name: str | None = None,
) -> Figure:
    """Draw estimates as bars, the groups of a category side by side; each needs a group.

    With `mark_name`, a category in which any estimate is `marked` gets an asterisk.
    """
    drawn = drawable(estimates)
    if any(e.group is None for e in drawn):
        raise ValueError("Grouped bars need a group for every estimate.")
    starred = {e.category for e in drawn if e.marked} if mark_name else set()
    categories = distinct(e.category for e in drawn)
    said = []
    for category in categories:
        parts = [
            f"{e.group} {e.said(as_percent=as_percent, decimals=decimals)}"
            for e in drawn
            if e.category == category
        ]
        star = f" ({mark_name})" if category in starred else ""
        said.append(f"{category}{star}: {', '.join(parts)}.")
    return Figure(
        id=id,
        title=title,
        description=f"Bars with intervals: {value_name}. {' '.join(said)}",
        language="vega-lite",
        specification=_specification(
            drawn,
            starred=starred,
            colors=colors,
            value_name=value_name,
            as_percent=as_percent,
            decimals=decimals,
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
    starred: set[str],
    colors: ColorKey,
    value_name: str,
    as_percent: bool,
    decimals: int,
    mark_name: str | None,
) -> Spec:
    categories = distinct(e.category for e in estimates)
    groups = distinct(e.group for e in estimates if e.group is not None)
    heads = {c: f"{c} *" if c in starred else c for c in categories}
    values = []
    for e in estimates:
        lines = [f"{e.category}, {e.group}", e.said(as_percent=as_percent, decimals=decimals)]
        if e.category in starred and mark_name:
            lines.append(mark_name)
        if e.detail:
            lines.append(e.detail)
        values.append(
            {
                "category": heads[e.category],
                "group": e.group,
                "value": e.value,
                "low": e.value if e.low is None else e.low,
                "high": e.value if e.high is None else e.high,
                "tip": "\n".join(lines),
            }
        )
    title = [value_name, f"* {mark_name}"] if starred and mark_name else value_name
    x = {
        "type": "quantitative",
        "scale": {"zero": True, "nice": True},
        "axis": number_axis(title, as_percent=as_percent),
    }
    offset: Spec = {"field": "group", "type": "nominal", "sort": list(groups)}
    return vega_lite(
        height=(16 * len(groups) + 12) * len(categories),
        names=tuple(heads.values()),
        data={"values": values},
        encoding={
            "y": {
                "field": "category",
                "type": "nominal",
                "sort": list(heads.values()),
                "axis": category_axis(),
                "scale": {"paddingInner": 0.25},
            },
            "yOffset": offset,
            "tooltip": {"field": "tip"},
        },
        layer=[
            {
                "params": [highlight("group")],
                "mark": {"type": "bar", "cornerRadiusEnd": 1},
                "encoding": {
                    "x": {"field": "value", **x},
                    "color": {
                        "field": "group",
                        "type": "nominal",
                        "scale": color_scale(groups, colors),
                        "legend": legend(groups, symbolType="square"),
                    },
                    "opacity": DIMMED,
                },
            },
            *(
                {
                    "mark": {"type": "rule", "stroke": stroke, "strokeWidth": width},
                    "encoding": {"x": {"field": "low", **x}, "x2": {"field": "high"}},
                }
                for stroke, width in ((PAPER, 3), (INK, 1.5))
            ),
        ],
    )
