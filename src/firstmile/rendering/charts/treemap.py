"""Nested rectangles: classes, and their leaves, as large as their counts."""

from collections.abc import Mapping

from firstmile.rendering.charts.colors import INK, PAPER, ColorKey
from firstmile.rendering.charts.style import (
    CONFIG,
    FONT,
    IS_NARROW,
    WIDTH,
    Spec,
    count,
    listed,
    percent,
    plain,
    text_width,
    wrapped,
)
from firstmile.rendering.document import Figure, Grid
from firstmile.rendering.inert import visible

_HEIGHT = 440
_HEIGHT_NARROW = 620
_HEAD = 20
_SIZES = (11, 9.5)
_MOST_LINES = 4


def treemap(
    *,
    id: str,  # noqa: A002 - what Figure and Grid call it
    title: str,
    classes: Mapping[str, Mapping[str, float]],
    colors: ColorKey,
    class_name: str = "class",
    leaf_name: str = "leaf",
    counted: str = "failures",
) -> Figure:
    """Draw the counts of leaves, given by class, as areas in the color of their class.

    Names are written where they fit and are in the tooltip everywhere. Leaves of 0 are left
    out of the drawing, not of the grid.
    """
    counts = {
        visible(name): {visible(leaf): plain(n) for leaf, n in leaves.items()}
        for name, leaves in classes.items()
    }
    total = sum(n for leaves in counts.values() for n in leaves.values())
    grid = Grid(
        id=id,
        caption=title,
        header=(class_name, leaf_name, "count", "share"),
        rows=tuple(
            (name, leaf, n, n / total if total else None)
            for name, leaves in counts.items()
            for leaf, n in leaves.items()
        ),
        decimals={2: 1, 3: 4},
    )
    said = []
    for name, leaves in counts.items():
        size = sum(leaves.values())
        if size:
            parts = [f"{leaf} {count(n)}" for leaf, n in leaves.items() if n]
            said.append(f"{name} {count(size)} ({percent(size / total)}): {listed(parts)}.")
    return Figure(
        id=id,
        title=title,
        description=f"Treemap of {count(total)} {counted}. {' '.join(said)}",
        language="vega",
        specification=_specification(counts, colors=colors, total=total),
        grid=grid,
    )


def layouts(leaf: str, n: float) -> list[Spec]:
    """Return the ways to write a leaf's name and count, best first: lines, size, room needed."""
    ways: dict[int, list[str]] = {}
    for break_words in (False, True):
        for lines in range(1, _MOST_LINES + 1):
            widest = -(-len(leaf) // lines)
            name = wrapped(leaf, widest=widest, lines=lines, break_words=break_words)
            for way in ([*name[:-1], f"{name[-1]} {count(n)}"], [*name, count(n)]):
                known = ways.get(len(way))
                if known is None or _width(way) < _width(known):
                    ways[len(way)] = way
    kept = [ways[lines] for lines in sorted(ways) if lines <= _MOST_LINES]
    kept += kept[-1:] * (_MOST_LINES - len(kept))
    return [
        {
            "rows": way,
            "size": size,
            "wide": round(size * _width(way) + 6, 1),
            "tall": len(way) * (size + 2) + 5,
        }
        for size in _SIZES
        for way in kept
    ]


def _width(rows: list[str]) -> float:
    return max(text_width(row, size=1) for row in rows)


def _specification(
    counts: Mapping[str, Mapping[str, float]], *, colors: ColorKey, total: float
) -> Spec:
    nodes: list[Spec] = [{"id": "all"}]
    for name, leaves in counts.items():
        size = sum(leaves.values())
        if not size:
            continue
        nodes.append(
            {
                "id": f"/{name}",
                "parent": "all",
                "name": name,
                "head": f"{name} {count(size)}",
                "tip": f"{name}\n{count(size)} of {count(total)} ({percent(size / total)})",
            }
        )
        for leaf, n in leaves.items():
            if not n:
                continue
            nodes.append(
                {
                    "id": f"/{name}/{leaf}",
                    "parent": f"/{name}",
                    "size": n,
                    "fill": colors.color(name),
                    "ink": colors.ink(name),
                    "layouts": layouts(leaf, n),
                    "tip": f"{leaf} ({name})\n{count(n)} of {count(total)} ({percent(n / total)})",
                }
            )
    ways = len(layouts("", 0))
    first_fit = " : ".join(
        f"(datum.layouts[{i}].wide <= datum.x1 - datum.x0"
        f" && datum.layouts[{i}].tall <= datum.y1 - datum.y0) ? datum.layouts[{i}]"
        for i in range(ways)
    )
    first_fit += " : {rows: '', size: 9}"
    box = {
        "x": {"field": "x0"},
        "x2": {"field": "x1"},
        "y": {"field": "y0"},
        "y2": {"field": "y1"},
        "tooltip": {"field": "tip"},
    }
    return {
        "$schema": "https://vega.github.io/schema/vega/v6.json",
        "width": WIDTH,
        "padding": 0,
        "background": PAPER,
        "autosize": "none",
        "config": {"aria": False, "text": {**CONFIG["text"], "font": FONT}},
        "signals": [
            {"name": "space", "value": WIDTH},
            {"name": "height", "update": f"{IS_NARROW} ? {_HEIGHT_NARROW} : {_HEIGHT}"},
        ],
        "data": [
            {
                "name": "tree",
                "values": nodes,
                "transform": [
                    {"type": "stratify", "key": "id", "parentKey": "parent"},
                    {
                        "type": "treemap",
                        "field": "size",
                        "method": "squarify",
                        "ratio": 1.4,
                        "round": True,
                        "paddingInner": 2,
                        "paddingTop": _HEAD,
                        "size": [{"signal": "width"}, {"signal": f"height + {_HEAD}"}],
                    },
                ],
            },
            {
                "name": "classes",
                "source": "tree",
                "transform": [{"type": "filter", "expr": "datum.depth === 1"}],
            },
            {
                "name": "leaves",
                "source": "tree",
                "transform": [
                    {"type": "filter", "expr": "datum.depth === 2"},
                    {
                        "type": "formula",
                        "as": "fit",
                        "expr": first_fit,
                    },
                ],
            },
        ],
        "marks": [
            {
                "type": "group",
                "encode": {"update": {"y": {"value": -_HEAD}}},
                "marks": [
                    {
                        "type": "rect",
                        "from": {"data": "leaves"},
                        "encode": {
                            "enter": {"fill": {"field": "fill"}},
                            "update": {**box, "opacity": {"value": 1}},
                            "hover": {"opacity": {"value": 0.82}},
                        },
                    },
                    {
                        "type": "text",
                        "from": {"data": "leaves"},
                        "interactive": False,
                        "encode": {
                            "update": {
                                "x": {"field": "x0", "offset": 4},
                                "y": {"field": "y0", "offset": 4},
                                "baseline": {"value": "top"},
                                "lineHeight": {"signal": "datum.fit.size + 2"},
                                "fontSize": {"signal": "datum.fit.size"},
                                "fill": {"field": "ink"},
                                "text": {"signal": "datum.fit.rows"},
                            }
                        },
                    },
                    {
                        "type": "text",
                        "from": {"data": "classes"},
                        "encode": {
                            "update": {
                                "x": {"field": "x0", "offset": 1},
                                "y": {"field": "y0", "offset": 5},
                                "baseline": {"value": "top"},
                                "fontSize": {"value": 12},
                                "fontWeight": {"value": "bold"},
                                "fill": {"value": INK},
                                "limit": {"signal": "datum.x1 - datum.x0 - 2"},
                                "text": {"signal": "datum.x1 - datum.x0 < 34 ? '' : datum.head"},
                                "tooltip": {"field": "tip"},
                            }
                        },
                    },
                ],
            }
        ],
    }
