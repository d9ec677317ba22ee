"""Shares over ordered versions, one line a category, broken where a new series begins."""

from collections.abc import Mapping, Sequence

from firstmile.rendering.charts.colors import RULE, ColorKey
from firstmile.rendering.charts.style import (
    DIMMED,
    IS_NARROW,
    WIDTH,
    Spec,
    color_scale,
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

_HEIGHT = 330


def slope(
    *,
    id: str,  # noqa: A002 - what Figure and Grid call it
    title: str,
    versions: Sequence[str],
    shares: Mapping[str, Sequence[float | None]],
    colors: ColorKey,
    series: Sequence[str] | None = None,
    totals: Sequence[int] | None = None,
    value_name: str = "share",
    version_name: str = "version",
) -> Figure:
    """Draw `shares` (one value a version, 0 to 1, None where not known) as lines by category.

    `series` (one name a version) breaks the lines: versions of different series are not
    joined. `totals` are shown under the versions.
    """
    names = labels(versions)
    categories = labels(tuple(shares))
    cells = matrix(list(shares.values()), rows=len(categories), columns=len(names))
    lines = list(series) if series is not None else [""] * len(names)
    grid = Grid(
        id=id,
        caption=title,
        header=(version_name, *(("n",) if totals is not None else ()), *categories),
        rows=tuple(
            (
                version,
                *((int(totals[j]),) if totals is not None else ()),
                *(row[j] for row in cells),
            )
            for j, version in enumerate(names)
        ),
        decimals=dict.fromkeys(range(1, len(categories) + 2), 4),
    )
    said = []
    for category, row in zip(categories, cells, strict=True):
        parts = [
            f"{version} {percent(value)}"
            for version, value in zip(names, row, strict=True)
            if value is not None
        ]
        said.append(f"{category}: {', '.join(parts) or 'not known'}.")
    return Figure(
        id=id,
        title=title,
        description=f"Lines over {version_name}s: {value_name}. {' '.join(said)}",
        language="vega-lite",
        specification=_specification(
            names, categories, cells, lines, totals, colors=colors, value_name=value_name
        ),
        grid=grid,
    )


def _specification(
    versions: Sequence[str],
    categories: Sequence[str],
    cells: list[list[float | None]],
    series: Sequence[str],
    totals: Sequence[int] | None,
    *,
    colors: ColorKey,
    value_name: str,
) -> Spec:
    heads = list(versions)
    if totals is not None:
        heads = [f"{v}\n(n = {n})" for v, n in zip(versions, totals, strict=True)]
    values = [
        {
            "version": heads[j],
            "series": series[j],
            "category": category,
            "share": value,
            "tip": f"{category}\n{versions[j]}: {percent(value)}",
        }
        for category, row in zip(categories, cells, strict=True)
        for j, value in enumerate(row)
        if value is not None
    ]
    color = {
        "field": "category",
        "type": "nominal",
        "scale": color_scale(categories, colors),
        "legend": legend(categories, room=WIDTH - 90),
    }
    shape = {**color, "scale": shape_scale(categories, colors)}
    return vega_lite(
        height=_HEIGHT,
        data={"values": values},
        encoding={
            "x": {
                "field": "version",
                "type": "ordinal",
                "sort": heads,
                "scale": {"type": "point", "padding": 0.4},
                "axis": {
                    "title": None,
                    "labelExpr": "split(datum.label, '\\n')",
                    "labelAngle": {"expr": f"{IS_NARROW} ? -45 : 0"},
                    "labelAlign": {"expr": f"{IS_NARROW} ? 'right' : 'center'"},
                    "grid": True,
                    "gridColor": RULE,
                    "labelOverlap": False,
                },
            },
            "y": {
                "field": "share",
                "type": "quantitative",
                "axis": number_axis(value_name, as_percent=True, tickCount=6),
            },
            "opacity": DIMMED,
        },
        layer=[
            {
                "mark": {"type": "line", "strokeWidth": 2},
                "encoding": {
                    "color": color,
                    "detail": {"field": "series", "type": "nominal"},
                },
            },
            {
                "params": [highlight("category")],
                "mark": {"type": "point", "filled": True, "size": 80},
                "encoding": {"color": color, "shape": shape, "tooltip": {"field": "tip"}},
            },
        ],
    )
