"""Statements and the verdict on each: a table drawn as a chart."""

from collections.abc import Sequence
from typing import Final

from firstmile.rendering.charts.colors import ALARM, INK, PALETTE, SOFT
from firstmile.rendering.charts.style import IS_NARROW, Spec, category_axis, labels, vega_lite
from firstmile.rendering.document import Figure, Grid

_ROW: Final = 40
_SHORT: Final = 20
_NARROW: Final = 124
_COLORS: Final = (PALETTE[4], PALETTE[1], ALARM, SOFT)
_SHAPES: Final = ("circle", "triangle-up", "cross", "diamond")


def verdict_table(
    statements: Sequence[tuple[str, str]],
    *,
    id: str,  # noqa: A002 - what Figure and Grid call it
    title: str,
    verdicts: Sequence[str],
    statement_name: str = "claim",
) -> Figure:
    """Draw (statement, verdict) pairs, one row a statement and one column a verdict.

    `verdicts` are the columns, at most four, told apart by place, color and shape. Raises
    ValueError for a verdict that is no column.
    """
    names = labels([statement for statement, _ in statements])
    given = [verdict for _, verdict in statements]
    if not set(given) <= set(verdicts) or len(verdicts) > len(_COLORS):
        raise ValueError(f"verdicts are at most {len(_COLORS)}, and among {list(verdicts)}")
    counted = ", ".join(f"{given.count(verdict)} {verdict}" for verdict in verdicts)
    said = " ".join(f"{name}: {verdict}." for name, verdict in zip(names, given, strict=True))
    return Figure(
        id=id,
        title=title,
        description=f"{title}: {counted}. {said}",
        language="vega-lite",
        specification=_specification(names, given, verdicts),
        grid=Grid(
            id=id,
            caption=title,
            header=(statement_name, "verdict"),
            rows=tuple(statements),
            mark_columns=frozenset({1}),
        ),
    )


def _specification(names: Sequence[str], given: Sequence[str], verdicts: Sequence[str]) -> Spec:
    shown = list(verdicts)
    scale = {"domain": shown}
    return vega_lite(
        height=_ROW * len(names),
        names=names,
        short=_SHORT,
        data={
            "values": [
                {"label": name, "verdict": verdict, "tip": f"{name}\n{verdict}"}
                for name, verdict in zip(names, given, strict=True)
            ]
        },
        mark={
            "type": "point",
            "filled": True,
            "size": 190,
            "opacity": 1,
            "stroke": INK,
            "strokeWidth": 0.6,
        },
        encoding={
            "y": {
                "field": "label",
                "type": "nominal",
                "sort": list(names),
                "axis": {**category_axis(widest=280, narrow=_NARROW), "grid": True},
            },
            "x": {
                "field": "verdict",
                "type": "nominal",
                "sort": shown,
                "scale": scale,
                "axis": {
                    "title": None,
                    "orient": "top",
                    "labelAngle": 0,
                    "labelExpr": f"{IS_NARROW} ? split(datum.label, ' ') : datum.label",
                    "labelBaseline": "bottom",
                    "labelPadding": {"expr": f"{IS_NARROW} ? 32 : 6"},
                    "ticks": False,
                    "domain": False,
                },
            },
            "color": {
                "field": "verdict",
                "type": "nominal",
                "scale": {**scale, "range": list(_COLORS[: len(shown)])},
                "legend": None,
            },
            "shape": {
                "field": "verdict",
                "type": "nominal",
                "scale": {**scale, "range": list(_SHAPES[: len(shown)])},
                "legend": None,
            },
            "tooltip": {"field": "tip"},
        },
    )
