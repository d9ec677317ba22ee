"""Agreement in words, as a document, and in plain form."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

import firstmile
from firstmile.rendering.document import Document
from firstmile.rendering.inert import visible
from firstmile.study.agreement.agreeing import Agreement, AxisAgreement, agree
from firstmile.study.agreement.boundaries import Rule, TermPair
from firstmile.study.agreement.coefficients import INTERVALS, Coefficients
from firstmile.study.agreement.pilot import (
    Bound,
    NextStep,
    Pilot,
    PilotRound,
    Target,
    enough_told,
    measured,
    pilot,
)
from firstmile.study.agreement.ratings import Level, Moment, Ratings, first_round, latest
from firstmile.study.agreement.sections import axis_section, pilot_section
from firstmile.study.decisions import Decision
from firstmile.study.estimates import count_of, in_percent, listed, percent, with_interval
from firstmile.study.names import dimension_name
from firstmile.study.one_rater import one_rater_sentence
from firstmile.study.plain import plain
from firstmile.study.settings import Settings
from firstmile.taxonomy import Taxonomy

_ENOUGH_ISSUES = 3
"""Issues that a disagreement needs before it says anything about the codebook."""

_MOST_PAIRS = 3
"""Pairs of terms named in sentences for each axis; the document has all."""


class AgreementReport(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of the raters' agreement.

    `first` are the figures of the ratings as first given, before any discussion; `present` those
    of the ratings as they stand now, None where they are the same. `pilot` is None where no
    issue was labelled in a pilot round. `labellers` are those whose labels the study waits for.
    """

    codebook: str
    labellers: tuple[str, ...]
    first: Agreement
    present: Agreement | None
    pilot: Pilot | None


def make_report(
    history: Sequence[Decision],
    settings: Settings,
    *,
    codebook: Taxonomy,
    target: Target | None = None,
    size: int = 50,
    sizes: Mapping[int, int] | None = None,
    raters: Sequence[str] = (),
    discussed: Mapping[int, Moment] | None = None,
    ended: bool = False,
    ecosystem: str = "",
) -> AgreementReport:
    """Compute all figures from decisions of the steps LABEL and ADJUDICATE, oldest first.

    The other arguments are those of `first_round`, `agree` and `pilot`.
    """
    first, present = first_round(history, discussed=discussed), latest(history)
    rounds = None
    if any(one.round > 0 for one in first.ratings):
        rounds = pilot(
            first,
            present,
            settings,
            target=target or Target(),
            size=size,
            sizes=sizes,
            raters=raters or first.raters,
            codebook=codebook,
            discussed=discussed,
            ended=ended,
            ecosystem=ecosystem,
        )
    return AgreementReport(
        codebook=codebook.version,
        labellers=tuple(raters),
        first=agree(first, settings, codebook=codebook, ecosystem=ecosystem),
        present=agree(present, settings, codebook=codebook, ecosystem=ecosystem)
        if _sorted(present) != _sorted(first)
        else None,
        pilot=rounds,
    )


def _sorted(ratings: Ratings) -> list[Any]:
    return sorted(
        ((r.issue, r.rater, r.symptom, r.cause, r.stage) for r in ratings.ratings), key=repr
    )


def sentences(result: AgreementReport, *, advice: bool = True) -> tuple[str, ...]:
    """Say how far raters agree, where they part, and what the pilot needs next.

    `advice` adds what to do about the codebook, which is nobody's business once it is published.
    """
    spoken = _opening(result.first, alone=one_rater_sentence(result.labellers) if advice else None)
    if result.first.paired:
        for axis in result.first.axes:
            spoken += axis_sentences(axis, advice=advice)
        if result.present is not None:
            spoken.append(_present_sentence(result.present))
        if result.pilot is not None:
            spoken += pilot_sentences(result.pilot)
    return tuple(spoken)


def _summary(result: AgreementReport) -> tuple[str, ...]:
    """Return what stands above the sections, which say the rest."""
    spoken = _opening(result.first, alone=one_rater_sentence(result.labellers))
    if result.first.paired:
        spoken += [
            f"{dimension_name(axis.axis, plural=True).capitalize()}: "
            f"{figures_said(axis.at(Level.CLASS))}."
            for axis in result.first.axes
        ]
        if result.present is not None:
            spoken.append(_present_sentence(result.present))
        if result.pilot is not None:
            spoken.append(_next_sentence(result.pilot))
    return tuple(spoken)


def _opening(first: Agreement, *, alone: str | None) -> list[str]:
    """Say what was rated by whom, and what the figures rest on; `alone` that one rater labels."""
    if not first.ratings:
        return ["Nobody has labelled an issue yet.", *([alone] if alone else [])]
    names = listed([visible(name) for name in first.raters])
    spoken = [
        f"{_counted(first.issues, 'issue')} labelled by {_counted(len(first.raters), 'rater')} "
        f"({names}), {count_of(first.paired)} of them by two or more."
    ]
    if not first.paired:
        needed = (
            "Agreement needs issues that two raters labelled; until then none can be published."
        )
        return [*spoken, alone or needed]
    spoken.append(
        "The figures are those of each rater's first labels, before any discussion; the "
        f"intervals have {percent(first.confidence, decimals=0)} confidence ({INTERVALS})."
    )
    if first.late:
        spoken.append(
            f"{_counted(first.late, 'label')} left out: first given after the issue had been "
            "discussed or adjudicated."
        )
    if len(first.codebooks) > 1:
        versions = listed([visible(version) for version in first.codebooks])
        spoken.append(f"The labels rest on several versions of the codebook ({versions}).")
    return spoken


def axis_sentences(axis: AxisAgreement, *, advice: bool = True) -> list[str]:
    """Say an axis's figures at each level, its open ratings and its heaviest disagreements."""
    name = dimension_name(axis.axis, plural=True).capitalize()
    spoken = []
    for one in axis.levels:
        where = f"{name}, {_level_name(one.level)}" if len(axis.levels) > 1 else name
        spoken.append(f"{where}: {figures_said(one.figures)}.")
    if len(axis.levels) > 1:
        spoken.append(
            f"{count_of(axis.at_leaf)} of {_counted(axis.told, 'label')} of "
            f"{dimension_name(axis.axis, plural=True)} reach a finest term of the codebook."
        )
    told = sum(one.ratings for one in axis.cannot_tell)
    if told:
        of = sum(one.of for one in axis.cannot_tell)
        spoken.append(
            f"{name} could not be told in {count_of(told)} of {count_of(of)} labels, which count "
            "as missing."
        )
    spoken += [
        pair_sentence(axis.axis, pair, advice=advice) for pair in axis.disagreements[:_MOST_PAIRS]
    ]
    if axis.consensus is not None:
        found = axis.consensus
        spoken.append(
            f"{name}: by Dawid and Skene's estimate the raters are right with "
            + listed(
                [
                    f"{percent(one.accuracy)} ({visible(one.rater)})"
                    for one in found.raters
                    if one.accuracy is not None
                ]
            )
            + f"; the class of {_counted(found.uncertain, 'issue')} of "
            f"{count_of(len(found.issues))} stays uncertain."
        )
    return spoken


def figures_said(figures: Coefficients) -> str:
    """Return the coefficients with their intervals in words."""
    if not figures.paired:
        return "no issue has two ratings"
    parts = [
        f"agreement {in_percent(figures.percent)}",
        f"Gwet's AC1 {with_interval(figures.ac1)}",
        f"Krippendorff's alpha {with_interval(figures.alpha)}",
    ]
    known = [pair for pair in figures.kappas if pair.kappa.estimate is not None]
    if len(known) == 1:
        parts.append(f"Cohen's kappa {with_interval(known[0].kappa)}")
    elif known:
        lowest = figures.kappa
        pair = next(one for one in known if one.kappa == lowest)
        parts.append(
            f"Cohen's kappa from {with_interval(lowest)} ({visible(pair.first)} and "
            f"{visible(pair.second)}) upwards"
        )
    return f"{', '.join(parts)} (n = {count_of(figures.paired)})"


def pair_sentence(axis: str, pair: TermPair, *, advice: bool = True) -> str:
    """Say how heavy the disagreement over two terms is, and what the codebook has on it.

    Fewer than three issues are no ground to change a codebook on, so nothing is advised.
    """
    counsel = {
        Rule.NONE: "the codebook has no rule between them, so write one",
        Rule.ABOVE: "the codebook has a rule between the terms above them only, so write one",
        Rule.DIRECT: "the codebook has a rule between them, which needs to be clearer",
        Rule.DEPTH: "one lies below the other, so say how far raters have to go",
    }[pair.rule]
    then = f": {counsel}" if advice and pair.issues >= _ENOUGH_ISSUES else ""
    return (
        f"{percent(pair.share)} of the disagreement about {dimension_name(axis, plural=True)} is "
        f"between {visible(pair.first_label)} and {visible(pair.second_label)} "
        f"({_counted(pair.issues, 'issue')}){then}."
    )


def pilot_sentences(found: Pilot, *, following: bool = True) -> list[str]:
    """Say what each round reached and, unless somebody else does, what is `following`."""
    target = found.target
    aim = (
        f"{target.measure.value} of {target.at:.2f} ({target.bound.value}) for "
        f"{dimension_name(target.axis.value, plural=True)}, {_level_name(target.level)}"
    )
    return [
        f"The pilot's target is {aim}, in a round of which all raters could tell at least half of "
        "the issues.",
        *(_round_sentence(one, target) for one in found.rounds),
        *(_codebooks_sentence(number) for number in _mixed(found)),
        *([_next_sentence(found)] if following else []),
    ]


def _round_sentence(one: PilotRound, target: Target) -> str:
    after = ""
    if one.after is not None:
        after = f"; after discussion {with_interval(measured(one.after, target))}"
    paired = one.first.axis(target.axis).at(target.level).paired
    state = "met" if one.met else "incomplete" if one.lacking else "not met"
    open_issues = ""
    if not one.lacking and not enough_told(one.told, one.first.issues):
        open_issues = (
            f": all raters could tell only {count_of(one.told)} of "
            f"{_counted(one.first.issues, 'issue')}"
        )
    return (
        f"Round {count_of(one.number)} (codebook {visible(one.codebook)}, "
        f"{_counted(one.first.paired, 'issue')} labelled twice): "
        f"{with_interval(one.reached)}{after}; target {state} (n = {count_of(paired)})"
        f"{open_issues}."
    )


def missed_sentence(found: Pilot) -> str | None:
    """Say that the latest round missed the target, and by what; None where it did not, or is open.

    Of a round that was labelled under several versions of the codebook it is the worst.
    """
    last = [one for one in found.rounds if one.number == found.rounds[-1].number]
    if all(one.met for one in last) or any(one.lacking for one in last):
        return None
    worst = min((one for one in last if not one.met), key=lambda one: one.reached.estimate or 0.0)
    target = found.target
    value = worst.reached.estimate if target.bound is Bound.ESTIMATE else worst.reached.low
    if value is None or not enough_told(worst.told, worst.first.issues):
        why = (
            f"all raters could tell the {dimension_name(target.axis.value)} of only "
            f"{count_of(worst.told)} of {_counted(worst.first.issues, 'issue')}"
        )
    else:
        # A figure that rounds to the target would seem to have reached it.
        decimals = 2 if round(value, 2) < target.at else 4
        why = (
            f"{target.measure.value} is {value:.{decimals}f} for "
            f"{dimension_name(target.axis.value, plural=True)}, {_level_name(target.level)}, where "
            f"{target.at:.2f} is needed"
        )
    return f"Pilot round {count_of(worst.number)} missed its target: {why}."


def _next_sentence(found: Pilot) -> str:
    lacking = found.rounds[-1].lacking if found.rounds else 0
    again = f"label another round of {_counted(found.size, 'issue')}"
    ended = "The pilot has ended."
    if missed_sentence(found) is not None:
        ended += (
            " Its target was missed, so expect more to adjudicate, or take it up again: mend the "
            f"codebook and {again}."
        )
    return {
        NextStep.START: f"Next: label the first {_counted(found.size, 'issue')}.",
        NextStep.LABEL: f"Next: {_counted(lacking, 'label')} of this round to go.",
        NextStep.DISCUSS: "Next: the target was missed, so discuss the disagreements, mend the "
        f"codebook, and {again}.",
        NextStep.NEXT_ROUND: f"Next: the target was missed, so mend the codebook and {again}.",
        NextStep.DONE: "Next: the target holds, so end the pilot and label the rest.",
        NextStep.ENDED: ended,
    }[found.next_step]


def _mixed(found: Pilot) -> list[int]:
    numbers = [one.number for one in found.rounds]
    return sorted({number for number in numbers if numbers.count(number) > 1})


def _codebooks_sentence(number: int) -> str:
    return (
        f"Round {count_of(number)} was labelled under several versions of the codebook, so its "
        "figures are given apart; change the codebook between rounds."
    )


def _present_sentence(present: Agreement) -> str:
    figures = [
        f"{dimension_name(axis.axis, plural=True)} {with_interval(axis.at(Level.CLASS).ac1)}"
        for axis in present.axes
    ]
    return f"As the labels stand now, Gwet's AC1 of the classes is: {listed(figures)}."


def _level_name(level: Level) -> str:
    return {
        Level.CLASS: "classes",
        Level.MIDDLE: "middle level",
        Level.FINEST: "finest level",
    }[level]


def _counted(number: int, noun: str) -> str:
    return f"{count_of(number)} {noun}{'' if number == 1 else 's'}"


def document(result: AgreementReport, *, title: str = "Agreement") -> Document:
    """Lay the report out: a section an axis, and one for the pilot."""
    sections = [
        axis_section(axis, tuple(axis_sentences(axis)))
        for axis in result.first.axes
        if result.first.paired
    ]
    if result.pilot is not None:
        sections.append(pilot_section(result.pilot, tuple(pilot_sentences(result.pilot))))
    return Document(
        title=title,
        subtitle="How far the raters agree, and where they part",
        summary=_summary(result),
        facts=(
            ("Issues", count_of(result.first.issues)),
            ("Labelled by two or more", count_of(result.first.paired)),
            ("Raters", listed(result.first.raters)),
            ("Codebook", result.codebook),
            ("Bootstrap replicates", count_of(result.first.replicates)),
            ("firstmile", firstmile.__version__),
        ),
        sections=tuple(sections),
    )


def data(result: AgreementReport) -> dict[str, Any]:
    """Return the report in plain form."""
    return {
        "schema_version": "1",
        "firstmile": firstmile.__version__,
        "intervals": INTERVALS,
        "agreement": plain(result),
    }
