"""Observed values against what chance alone would give, one row a comparison."""

from collections.abc import Sequence
from dataclasses import dataclass

from firstmile.rendering.charts.colors import ACCENT, ALARM, BAND, INK, SOFT
from firstmile.rendering.charts.style import (
    Spec,
    category_axis,
    labels,
    legend,
    number,
    number_axis,
    vega_lite,
)
from firstmile.rendering.document import Figure, Grid
from firstmile.rendering.inert import visible

_ROW = 36
INSIDE = "observed, inside"
OUTSIDE = "observed, outside"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgainstNull:
    """An observed value and the interval (and median) of its null distribution.

    `p` is the p-value where there is one; `detail` is said in the tooltip.
    """

    label: str
    observed: float
    null_low: float
    null_high: float
    null_median: float | None = None
    p: float | None = None
    detail: str | None = None

    @property
    def is_outside(self) -> bool:
        """Whether the observed value lies outside the null interval."""
        return not self.null_low <= self.observed <= self.null_high


def null_comparison(
    comparisons: Sequence[AgainstNull],
    *,
    id: str,  # noqa: A002 - what Figure and Grid call it
    title: str,
    value_name: str,
    null_name: str = "95% of permuted labels",
    decimals: int = 3,
) -> Figure:
    """Draw each observed value as a diamond over the band that its null distribution spans."""
    names = labels([c.label for c in comparisons])

    def show(value: float) -> str:
        return number(float(value), decimals=decimals)

    said = [
        f"{name}: observed {show(c.observed)}, null {show(c.null_low)} to {show(c.null_high)}"
        f"{'' if c.p is None else f', p {_p(c.p)}'}, {'outside' if c.is_outside else 'inside'}."
        for name, c in zip(names, comparisons, strict=True)
    ]
    header = ("comparison", "observed", "null low", "null median", "null high", "p", "outside null")
    grid = Grid(
        id=id,
        caption=title,
        header=header,
        rows=tuple(
            (
                c.label,
                float(c.observed),
                float(c.null_low),
                None if c.null_median is None else float(c.null_median),
                float(c.null_high),
                None if c.p is None else float(c.p),
                c.is_outside,
            )
            for c in comparisons
        ),
        decimals={**dict.fromkeys(range(1, 5), decimals), 5: 4},
        note=f"Null distribution: {null_name}.",
    )
    return Figure(
        id=id,
        title=title,
        description=f"Observed {value_name} against {null_name}. {' '.join(said)}",
        language="vega-lite",
        specification=_specification(
            names, comparisons, value_name=value_name, null_name=null_name, decimals=decimals
        ),
        grid=grid,
    )


def _p(p: float) -> str:
    return "below .001" if p < 0.001 else f"{p:.3f}"


def _specification(
    names: Sequence[str],
    comparisons: Sequence[AgainstNull],
    *,
    value_name: str,
    null_name: str,
    decimals: int,
) -> Spec:
    values = []
    for name, c in zip(names, comparisons, strict=True):
        lines = [
            name,
            f"observed {number(float(c.observed), decimals=decimals)}",
            f"{null_name}: {number(float(c.null_low), decimals=decimals)}"
            f" to {number(float(c.null_high), decimals=decimals)}",
        ]
        if c.p is not None:
            lines.append(f"p {_p(c.p)}")
        if c.detail:
            lines.append(visible(c.detail))
        values.append(
            {
                "label": name,
                "observed": float(c.observed),
                "low": float(c.null_low),
                "high": float(c.null_high),
                "median": None if c.null_median is None else float(c.null_median),
                "place": OUTSIDE if c.is_outside else INSIDE,
                "band": null_name,
                "tip": "\n".join(lines),
            }
        )
    x = {
        "type": "quantitative",
        "scale": {"zero": False, "nice": True},
        "axis": number_axis(value_name),
    }
    domain = [null_name, INSIDE, OUTSIDE]
    key = {
        "type": "nominal",
        "scale": {"domain": domain, "range": [BAND, ACCENT, ALARM]},
        "legend": legend(domain, symbolType="square", symbolStrokeWidth=0),
    }
    return vega_lite(
        height=_ROW * len(names),
        names=names,
        data={"values": values},
        encoding={
            "y": {
                "field": "label",
                "type": "nominal",
                "sort": list(names),
                "axis": category_axis(widest=260),
            },
            "tooltip": {"field": "tip"},
        },
        layer=[
            {
                "mark": {"type": "bar", "height": 12, "cornerRadius": 2},
                "encoding": {
                    "x": {"field": "low", **x},
                    "x2": {"field": "high"},
                    "color": {"field": "band", **key},
                },
            },
            {
                "transform": [{"filter": "datum.median !== null"}],
                "mark": {"type": "tick", "thickness": 2, "size": 12, "color": SOFT},
                "encoding": {"x": {"field": "median", **x}},
            },
            {
                "mark": {
                    "type": "point",
                    "filled": True,
                    "size": 130,
                    "opacity": 1,
                    "stroke": INK,
                    "strokeWidth": 0.6,
                },
                "encoding": {
                    "x": {"field": "observed", **x},
                    "color": {"field": "place", **key},
                    "shape": {
                        "field": "place",
                        "type": "nominal",
                        "scale": {"domain": [INSIDE, OUTSIDE], "range": ["circle", "diamond"]},
                        "legend": None,
                    },
                },
            },
        ],
    )
