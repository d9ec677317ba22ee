"""An estimate with its interval, as charts draw it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from firstmile.rendering.charts.style import number, percent
from firstmile.rendering.document import Grid, Value
from firstmile.rendering.inert import visible


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One value of a category (of a group, where there are several), from `low` to `high`.

    `marked` singles it out, as significant or as notable; `detail` is said in the tooltip.
    """

    category: str
    value: float
    low: float | None = None
    high: float | None = None
    group: str | None = None
    marked: bool = False
    detail: str | None = None

    def said(self, *, as_percent: bool, decimals: int) -> str:
        """Return the value and its interval in words."""

        def show(value: float) -> str:
            shown = percent if as_percent else number
            return shown(value, decimals=decimals)

        if self.low is None or self.high is None:
            return show(self.value)
        return f"{show(self.value)} ({show(self.low)} to {show(self.high)})"


def drawable(estimates: Sequence[Estimate]) -> tuple[Estimate, ...]:
    """Return the estimates with names that are safe to draw, and Python's own numbers."""
    return tuple(
        replace(
            estimate,
            category=visible(estimate.category),
            group=None if estimate.group is None else visible(estimate.group),
            value=float(estimate.value),
            low=None if estimate.low is None else float(estimate.low),
            high=None if estimate.high is None else float(estimate.high),
            marked=bool(estimate.marked),
        )
        for estimate in estimates
    )


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names in order of first appearance, each once."""
    return tuple(dict.fromkeys(names))


def estimates_grid(
    estimates: Sequence[Estimate],
    *,
    id: str,  # noqa: A002 - what Figure and Grid call it
    caption: str,
    category_name: str,
    group_name: str,
    value_name: str,
    as_percent: bool,
    decimals: int,
    mark_name: str | None,
) -> Grid:
    """Return the numbers that a chart of estimates draws, one row an estimate.

    They have a digit more than the chart's `decimals`; shares are given as such, to four places.
    """
    grouped = any(estimate.group is not None for estimate in estimates)
    header = (
        category_name,
        *((group_name,) if grouped else ()),
        value_name,
        "low",
        "high",
        *((mark_name,) if mark_name else ()),
    )

    def row(estimate: Estimate) -> tuple[Value, ...]:
        return (
            estimate.category,
            *((estimate.group,) if grouped else ()),
            float(estimate.value),
            None if estimate.low is None else float(estimate.low),
            None if estimate.high is None else float(estimate.high),
            *((estimate.marked,) if mark_name else ()),
        )

    first = 2 if grouped else 1
    return Grid(
        id=id,
        caption=caption,
        header=header,
        rows=tuple(row(estimate) for estimate in estimates),
        decimals=dict.fromkeys(range(first, first + 3), 4 if as_percent else decimals + 1),
    )
