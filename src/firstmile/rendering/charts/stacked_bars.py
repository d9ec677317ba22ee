"""Bars of shares or counts, stacked by category, one bar a group."""

from collections.abc import Sequence
from typing import Any

from firstmile.rendering.charts.colors import PAPER, ColorKey
from firstmile.rendering.charts.style import (
    DIMMED,
    Spec,
    category_axis,
    color_scale,
    count,
    highlight,
    labels,
    legend,
    listed,
    matrix,
    number_axis,
    percent,
    vega_lite,
)
from firstmile.rendering.document import Figure, Grid

_BAR = 34


def stacked_bars(
    *,
    id: str,  # noqa: A002 - what Figure and Grid call it
    title: str,
    groups: Sequence[str],
    categories: Sequence[str],
    counts: Sequence[Sequence[float]],
    colors: ColorKey,
    as_shares: bool = True,
    group_name: str = "group",
    category_name: str = "category",
    counted: str = "failures",
) -> Figure:
    """Draw `counts` (len(groups), len(categories)) as one stacked bar a group.

    With `as_shares` all bars are equally long; the numbers inside are per cent of the group.
    """
    groups, categories = labels(groups), labels(categories)
    cells = matrix(counts, rows=len(groups), columns=len(categories))
    totals = [sum(row) for row in cells]
    grid = Grid(
        id=id,
        caption=title,
        header=(group_name, *categories, "all"),
        rows=tuple(
            (group, *row, total) for group, row, total in zip(groups, cells, totals, strict=True)
        ),
        decimals=dict.fromkeys(range(1, len(categories) + 2), 1),
        note=f"Counts of {counted}.",
    )
    return Figure(
        id=id,
        title=title,
        description=_description(groups, categories, cells, counted=counted),
        language="vega-lite",
        specification=_specification(
            groups, categories, cells, colors=colors, as_shares=as_shares, counted=counted
        ),
        grid=grid,
    )


def _description(
    groups: Sequence[str], categories: Sequence[str], cells: list[list[Any]], *, counted: str
) -> str:
    said = []
    for group, row in zip(groups, cells, strict=True):
        total = sum(row)
        if not total:
            said.append(f"{group}: no {counted}.")
            continue
        parts = [f"{c} {percent(n / total)}" for c, n in zip(categories, row, strict=True) if n]
        said.append(f"{group} ({count(total)} {counted}): {listed(parts)}.")
    return f"Stacked bars, one a group. {' '.join(said)}"


def _specification(
    groups: Sequence[str],
    categories: Sequence[str],
    cells: list[list[Any]],
    *,
    colors: ColorKey,
    as_shares: bool,
    counted: str,
) -> Spec:
    heads = [f"{g} ({count(sum(row))})" for g, row in zip(groups, cells, strict=True)]
    longest = max((sum(row) for row in cells), default=0) or 1
    values = []
    for group, head, row in zip(groups, heads, cells, strict=True):
        total, start = sum(row), 0.0
        for category, n in zip(categories, row, strict=True):
            whole = (total or 1) if as_shares else 1
            share = n / total if total else 0.0
            values.append(
                {
                    "group": head,
                    "category": category,
                    "start": start / whole,
                    "end": (start + n) / whole,
                    "middle": (start + n / 2) / whole,
                    "part": n / whole / (1 if as_shares else longest),
                    "label": percent(share, decimals=0) if as_shares else count(n),
                    "ink": colors.ink(category),
                    "tip": f"{category} in {group}\n{count(n)} of {count(total)} {counted}"
                    f" ({percent(share)})",
                }
            )
            start += n
    title = f"share of {counted}" if as_shares else counted
    axis = number_axis(title, as_percent=as_shares, grid=False)
    x = {"type": "quantitative", "axis": axis, "scale": {"nice": False}}
    y = {"field": "group", "type": "nominal", "sort": heads, "axis": category_axis()}
    return vega_lite(
        height=_BAR * len(groups),
        names=heads,
        data={"values": values},
        encoding={"y": y},
        layer=[
            {
                "params": [highlight("category")],
                "mark": {
                    "type": "bar",
                    "stroke": PAPER,
                    "strokeWidth": 1.5,
                    "height": {"band": 0.74},
                },
                "encoding": {
                    "x": {"field": "start", **x},
                    "x2": {"field": "end"},
                    "color": {
                        "field": "category",
                        "type": "nominal",
                        "scale": color_scale(categories, colors),
                        "legend": legend(categories, symbolType="square"),
                    },
                    "opacity": DIMMED,
                    "tooltip": {"field": "tip"},
                },
            },
            {
                "transform": [{"filter": "datum.part * (space - 160) > 26"}],
                "mark": {"type": "text", "baseline": "middle"},
                "encoding": {
                    "x": {"field": "middle", **x},
                    "text": {"field": "label"},
                    "color": {"field": "ink", "type": "nominal", "scale": None},
                    "tooltip": {"field": "tip"},
                },
            },
        ],
    )
