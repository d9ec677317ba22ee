"""Agreement as grids and figures: one section an axis, and the pilot's rounds."""

from dataclasses import replace

from firstmile.rendering.charts import Estimate as Drawn
from firstmile.rendering.charts import dot_interval
from firstmile.rendering.document import Figure, Grid, Section, Value
from firstmile.study.agreement.agreeing import AxisAgreement
from firstmile.study.agreement.coefficients import INTERVALS, Coefficients
from firstmile.study.agreement.consensus import Consensus
from firstmile.study.agreement.pilot import Pilot, PilotRound, measured
from firstmile.study.agreement.ratings import Level
from firstmile.study.estimates import Estimate
from firstmile.study.names import dimension_name, full_name, short_name

_NAMES = ("agreement", "Gwet's AC1", "Krippendorff's alpha", "Cohen's kappa")


def axis_section(axis: AxisAgreement, spoken: tuple[str, ...]) -> Section:
    """Return an axis's section: the coefficients, the terms, the confusion and the boundaries."""
    plural = dimension_name(axis.axis, plural=True)
    return Section(
        id=f"agreement-{axis.axis}",
        heading=plural.capitalize(),
        question=f"How far do raters agree on {plural}?",
        sentences=spoken,
        figures=_figures(axis),
        grids=(
            _levels(axis),
            *_kappas(axis),
            *_terms(axis),
            _confusion(axis),
            *_disagreements(axis),
            *(_raters(axis, axis.consensus) if axis.consensus is not None else ()),
        ),
    )


def pilot_section(found: Pilot, spoken: tuple[str, ...]) -> Section:
    """Return the pilot's section: what each round reached, first and after discussion."""
    return Section(
        id="agreement-pilot",
        heading="Pilot rounds",
        question="Do raters agree before they talk, and does the codebook get better?",
        sentences=spoken,
        grids=(
            Grid(
                id="agreement-pilot-rounds",
                caption=f"{found.target.measure.value} of each pilot round",
                header=(
                    *("round", "codebook", "issues", "first labels", "low", "high"),
                    *("after discussion", "target", "met"),
                ),
                rows=tuple(_round_row(one, found) for one in found.rounds),
                decimals={3: 3, 4: 3, 5: 3, 6: 3, 7: 2},
                note="First labels are those given before the round was discussed. Intervals: "
                f"{INTERVALS}.",
            ),
        ),
    )


def _round_row(one: PilotRound, found: Pilot) -> tuple[Value, ...]:
    after = measured(one.after, found.target).estimate if one.after is not None else None
    return (
        f"Round {one.number}",
        one.codebook,
        one.first.paired,
        *_parts(one.reached),
        after,
        found.target.at,
        one.met,
    )


def _figures(axis: AxisAgreement) -> tuple[Figure, ...]:
    plural = dimension_name(axis.axis, plural=True)
    drawn = []
    for one in axis.levels:
        for name, estimate in zip(_NAMES, _shown(one.figures), strict=True):
            if estimate.estimate is not None:
                drawn.append(
                    Drawn(
                        category=name,
                        value=estimate.estimate,
                        low=estimate.low,
                        high=estimate.high,
                        group=_LEVELS[one.level] if len(axis.levels) > 1 else None,
                    )
                )
    if not drawn:
        return ()
    figure = dot_interval(
        drawn,
        id=f"agreement-{axis.axis}-coefficients",
        title=f"Agreement on {plural}",
        value_name="coefficient",
        category_name="coefficient",
        group_name="level",
    )
    return (replace(figure, grid=replace(figure.grid, note=_NOTE)),)


_LEVELS = {Level.CLASS: "class", Level.MIDDLE: "middle level", Level.FINEST: "finest level"}


def _shown(figures: Coefficients) -> tuple[Estimate, ...]:
    return (figures.percent, figures.ac1, figures.alpha, figures.kappa)


def _parts(estimate: Estimate) -> tuple[Value, ...]:
    return (estimate.estimate, estimate.low, estimate.high)


_FIGURE_HEADER = tuple(part for name in _NAMES for part in (name, f"{name}, low", f"{name}, high"))
_NOTE = f"Intervals: {INTERVALS}. Cohen's kappa: that of the pair of raters who agree least."


def _figure_row(figures: Coefficients) -> tuple[Value, ...]:
    return tuple(part for estimate in _shown(figures) for part in _parts(estimate))


def _levels(axis: AxisAgreement) -> Grid:
    return Grid(
        id=f"agreement-{axis.axis}-levels",
        caption=f"Agreement on {dimension_name(axis.axis, plural=True)} by level",
        header=("level", "answers", "issues", "with two ratings", *_FIGURE_HEADER),
        rows=tuple(
            (
                _LEVELS[one.level],
                one.figures.categories,
                one.figures.items,
                one.figures.paired,
                *_figure_row(one.figures),
            )
            for one in axis.levels
        ),
        decimals=dict.fromkeys(range(4, 4 + len(_FIGURE_HEADER)), 3),
        note=_NOTE,
    )


def _kappas(axis: AxisAgreement) -> tuple[Grid, ...]:
    rows = tuple(
        (f"{pair.first} and {pair.second}", _LEVELS[one.level], pair.items, *_parts(pair.kappa))
        for one in axis.levels
        for pair in one.figures.kappas
    )
    if len(axis.levels[0].figures.kappas) < 2:
        return ()
    return (
        Grid(
            id=f"agreement-{axis.axis}-pairs-of-raters",
            caption=f"Cohen's kappa of each pair of raters, {dimension_name(axis.axis)}",
            header=("raters", "level", "issues", "Cohen's kappa", "low", "high"),
            rows=rows,
            decimals={3: 3, 4: 3, 5: 3},
            note=f"Intervals: {INTERVALS}.",
        ),
    )


def _terms(axis: AxisAgreement) -> tuple[Grid, ...]:
    if not axis.terms:
        return ()
    return (
        Grid(
            id=f"agreement-{axis.axis}-terms",
            caption=f"Agreement on each {dimension_name(axis.axis)}, against all others",
            header=("code", "term", "labels", "issues", *_FIGURE_HEADER),
            rows=tuple(
                (one.code, full_name(one.code), one.ratings, one.issues, *_figure_row(one.figures))
                for one in axis.terms
            ),
            decimals=dict.fromkeys(range(4, 4 + len(_FIGURE_HEADER)), 3),
            note=f"A term counts as chosen where one below it was. {_NOTE}",
        ),
    )


def _confusion(axis: AxisAgreement) -> Grid:
    found = axis.confusion
    return Grid(
        id=f"agreement-{axis.axis}-confusion",
        caption=f"Which {dimension_name(axis.axis)} one rater chose (row) and another (column)",
        header=("chosen", *found.classes),
        rows=tuple((code, *row) for code, row in zip(found.classes, found.counts, strict=True)),
        note=f"firstmile study report --confusion {axis.axis}=FILE reads this table."
        if axis.axis in ("symptom", "cause")
        else None,
    )


def _disagreements(axis: AxisAgreement) -> tuple[Grid, ...]:
    if not axis.disagreements:
        return ()
    most = max(len(pair.examples) for pair in axis.disagreements)
    links = {
        (row, 7 + at): url
        for row, pair in enumerate(axis.disagreements)
        for at, url in enumerate(pair.examples)
        if url.startswith("https://")
    }
    return (
        Grid(
            id=f"agreement-{axis.axis}-boundaries",
            caption=f"Which {dimension_name(axis.axis, plural=True)} raters part over",
            header=(
                *("one term", "the other", "issues", "pairs of labels", "weight", "share"),
                "the codebook",
                *(f"example {at + 1}" for at in range(most)),
            ),
            rows=tuple(
                (
                    pair.first_label,
                    pair.second_label,
                    pair.issues,
                    pair.times,
                    pair.mass,
                    pair.share,
                    pair.rule.value,
                    *pair.examples,
                    *([""] * (most - len(pair.examples))),
                )
                for pair in axis.disagreements
            ),
            decimals={4: 2, 5: 3},
            links=links,
            note="Weight: issues' worth of disagreement; an issue's pairs of labels share it.",
        ),
    )


def _raters(axis: AxisAgreement, found: Consensus) -> tuple[Grid, ...]:
    return (
        Grid(
            id=f"agreement-{axis.axis}-raters",
            caption=f"How often each rater is right, by class of {dimension_name(axis.axis)}",
            header=(
                *("rater", "overall"),
                *(short_name(axis.axis, code) for code in found.classes),
            ),
            rows=tuple(
                (
                    one.rater,
                    one.accuracy,
                    *(
                        one.confusion[at][at] if one.evidence[at] > 0 else None
                        for at in range(len(found.classes))
                    ),
                )
                for one in found.raters
            ),
            decimals=dict.fromkeys(range(1, 2 + len(found.classes)), 3),
            note="Estimated by Dawid and Skene's method (1979), with one label's worth of "
            "smoothing spread over each class.",
        ),
    )
