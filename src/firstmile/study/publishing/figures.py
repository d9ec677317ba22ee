"""Funnel and nested figures as tables: what came in and left, and what was measured."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from firstmile.rendering.document import Grid, Value
from firstmile.study.publishing.dataset import FunnelFacts

MOST: Final = 200
"""Rows of nested figures that the card shows; agreement.json holds all of them."""

_DECIMALS: Final = 3
_NAMING: Final = ("axis", "level", "number", "name")
COUNTS: Final = ("discarded", "sampled", "failures_in_sample", "missed_estimate", "missed_at_most")
"""Figures that count issues, although estimates of them are fractions."""

_SETTINGS: Final = frozenset({"confidence"})
"""Numbers that say how figures were computed; the sentences name them."""

_IN_WORDS: Final = {
    "percent": "agreement",
    "ac1": "Gwet's AC1",
    "alpha": "Krippendorff's alpha",
    "kappa": "Cohen's kappa",
    "missed_estimate": "missed failures, estimated:",
    "missed_at_most": "missed failures, at most:",
    "failures_in_sample": "failures in the sample:",
    "recall_estimate": "recall, estimated:",
    "recall_at_least": "recall, at least:",
}
_WRAPPING: Final = ("agreement", "figures")
"""Mappings that only hold another and say nothing by their name."""


def funnel_grid(funnel: tuple[FunnelFacts, ...]) -> Grid:
    """Return the funnel as a table: a row a step, and a row below it for each reason."""
    rows: list[tuple[Value, ...]] = []
    for step in funnel:
        rows.append((step.name, "", step.entered, step.left, step.waiting, step.passed))
        rows += [
            (step.name, reason, None, number, None, None) for reason, number in step.reasons.items()
        ]
    return Grid(
        id="funnel",
        caption="From all collected issues to the labelled ones",
        header=("step", "reason", "came in", "left", "wait", "went on"),
        rows=tuple(rows),
    )


def funnel_data(funnel: tuple[FunnelFacts, ...]) -> list[dict[str, Any]]:
    """Return the steps in plain form."""
    return [
        {
            "name": step.name,
            "entered": step.entered,
            "left": step.left,
            "waiting": step.waiting,
            "passed": step.passed,
            "reasons": dict(step.reasons),
        }
        for step in funnel
    ]


def figure_rows(figures: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the estimates in nested figures as (of what, values), a row for each mapping.

    An estimate is a fraction, or a mapping with `estimate` and its interval `low` and `high`.
    Items of a list are named by what they say of themselves (`_NAMING`); lists of anything else
    (terms, pairs, issues) are left to the JSON file beside the card.
    """
    return list(_rows(figures, ()))


def _rows(figures: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    values = [
        f"{_words(name)} {said}"
        for name, value in figures.items()
        if name not in _SETTINGS
        and (said := _count(value) if name in COUNTS else _estimate(value)) != ""
    ]
    if values:
        yield ", ".join(path) or "all", "; ".join(values)
    for name, value in figures.items():
        if isinstance(value, Mapping) and "estimate" not in value:
            yield from _rows(value, path if name in _WRAPPING else (*path, str(name)))
        elif isinstance(value, (list, tuple)):
            for item in value:
                if isinstance(item, Mapping) and (named := _name(item)):
                    yield from _rows(item, (*path, named))


def _words(name: str) -> str:
    return _IN_WORDS.get(name, str(name).replace("_", " "))


def _count(value: Any) -> str:
    """Return an estimated number of issues, whole where it is whole."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return ""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def _name(item: Mapping[str, Any]) -> str:
    return next((str(item[key]) for key in _NAMING if key in item), "")


def _estimate(value: Any) -> str:
    """Return an estimate in words, nothing for what is none."""
    if isinstance(value, Mapping):
        if "estimate" not in value:
            return ""
        estimate, low, high = (value.get(key) for key in ("estimate", "low", "high"))
        if low is None or high is None:
            return _number(estimate)
        return f"{_number(estimate)} [{_number(low)}, {_number(high)}]"
    return _number(value) if isinstance(value, float) else ""


def _number(value: float | None) -> str:
    return "not known" if value is None or value != value else f"{value:.{_DECIMALS}f}"
