"""Pilot rounds: label some issues, discuss, mend the codebook, label the next, until it holds."""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from firstmile.study.agreement.agreeing import Agreement, agree
from firstmile.study.agreement.ratings import Level, Moment, Ratings
from firstmile.study.estimates import Estimate
from firstmile.study.settings import Settings
from firstmile.taxonomy import Axis, Taxonomy

LEAST_TOLD: Final = 0.5
"""Share of a round's issues that all raters have to tell on the target's axis.

A rating that could not tell counts as missing, so without this bound a few easy issues would
meet the target of a round whose codebook leaves most issues open.
"""


class Measure(StrEnum):
    """The coefficient that a target is set for; KAPPA is that of the pair that agrees least."""

    PERCENT = "percent agreement"
    KAPPA = "Cohen's kappa"
    AC1 = "Gwet's AC1"
    ALPHA = "Krippendorff's alpha"


class Bound(StrEnum):
    """What has to reach the target: the estimate, or the lower end of its interval."""

    ESTIMATE = "estimate"
    LOW = "lower bound"


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """At which agreement a pilot ends."""

    at: float = 0.7
    axis: Axis = Axis.CAUSE
    level: Level = Level.CLASS
    measure: Measure = Measure.AC1
    bound: Bound = Bound.ESTIMATE


class NextStep(StrEnum):
    """What a pilot needs next."""

    START = "start"
    LABEL = "label"
    DISCUSS = "discuss"
    NEXT_ROUND = "next round"
    DONE = "done"
    ENDED = "ended"


class PilotRound(msgspec.Struct, frozen=True, kw_only=True):
    """One round under one version of the codebook.

    `first` are the figures of the ratings as first given, and never change once the round was
    discussed; `after` those of the raters' present ratings of the same issues, None while they
    are the same. `lacking` counts ratings that the round still needs, `told` the issues for which
    every rater gave a code on the target's axis.
    """

    number: int
    codebook: str
    first: Agreement
    after: Agreement | None
    reached: Estimate
    met: bool
    discussed: bool
    lacking: int
    told: int


class Pilot(msgspec.Struct, frozen=True, kw_only=True):
    """All rounds, and what is to be done next."""

    target: Target
    size: int
    rounds: tuple[PilotRound, ...]
    next_step: NextStep


def pilot(
    first: Ratings,
    present: Ratings,
    settings: Settings,
    *,
    target: Target,
    size: int,
    raters: Sequence[str],
    codebook: Taxonomy,
    sizes: Mapping[int, int] | None = None,
    discussed: Mapping[int, Moment] | None = None,
    ended: bool = False,
    ecosystem: str = "",
) -> Pilot:
    """Compute the figures of each pilot round and say what comes next.

    Rounds are numbered from 1. `size` issues make a round, or as many as `sizes` has for its
    number; it is complete when each of `raters` has rated each of them. A target is met by a
    complete round's first ratings alone, what raters agree on after they talked saying nothing
    about the next issue; and only where all raters told at least half of its issues
    (`LEAST_TOLD`) on the target's axis. `ended` says that no round will follow.
    """
    talked = discussed or {}
    rounds: list[PilotRound] = []
    numbers = sorted({one.round for one in first.ratings if one.round > 0})
    for number in numbers:
        whole = first.where(round_number=number)
        given = sum(one.rater in raters for one in whole.ratings)
        lacking = max((sizes or {}).get(number, size), len(whole.issues)) * len(raters) - given
        for version in whole.codebooks:
            own = first.where(round_number=number, codebook=version)
            rounds.append(
                _round(
                    own,
                    _same_issues(present, own),
                    settings,
                    number=number,
                    version=version,
                    target=target,
                    discussed=number in talked,
                    lacking=lacking,
                    raters=raters,
                    codebook=codebook,
                    ecosystem=ecosystem,
                )
            )
    return Pilot(
        target=target,
        size=size,
        rounds=tuple(rounds),
        next_step=NextStep.ENDED if ended else _next(rounds, numbers, talked),
    )


def _round(
    own: Ratings,
    now: Ratings,
    settings: Settings,
    *,
    number: int,
    version: str,
    target: Target,
    discussed: bool,
    lacking: int,
    raters: Sequence[str],
    codebook: Taxonomy,
    ecosystem: str,
) -> PilotRound:
    first = agree(own, settings, codebook=codebook, ecosystem=ecosystem, terms=False)
    changed = {(r.issue, r.rater, r.symptom, r.cause, r.stage) for r in now.ratings} != {
        (r.issue, r.rater, r.symptom, r.cause, r.stage) for r in own.ratings
    }
    reached = measured(first, target)
    value = reached.estimate if target.bound is Bound.ESTIMATE else reached.low
    told = _told(own, target.axis, raters)
    enough = enough_told(told, first.issues)
    return PilotRound(
        number=number,
        codebook=version,
        first=first,
        after=agree(now, settings, codebook=codebook, ecosystem=ecosystem, terms=False)
        if changed
        else None,
        reached=reached,
        met=lacking == 0 and enough and value is not None and value >= target.at,
        discussed=discussed,
        lacking=lacking,
        told=told,
    )


def _told(own: Ratings, axis: Axis, raters: Sequence[str]) -> int:
    """Count the issues on which every rater gave a code."""
    told = Counter(
        one.issue for one in own.ratings if one.rater in raters and one.code(axis) is not None
    )
    return sum(number == len(raters) for number in told.values())


def enough_told(told: int, issues: int) -> bool:
    """Whether raters told enough of a round's issues for its figure to speak for the round."""
    return told >= LEAST_TOLD * issues


def measured(agreement: Agreement, target: Target) -> Estimate:
    """Return the figure that a target is about."""
    figures = agreement.axis(target.axis).at(target.level)
    return {
        Measure.PERCENT: figures.percent,
        Measure.KAPPA: figures.kappa,
        Measure.AC1: figures.ac1,
        Measure.ALPHA: figures.alpha,
    }[target.measure]


def _same_issues(present: Ratings, own: Ratings) -> Ratings:
    wanted = {(one.issue, one.rater) for one in own.ratings}
    kept = tuple(one for one in present.ratings if (one.issue, one.rater) in wanted)
    return Ratings(ratings=kept)


def _next(
    rounds: Sequence[PilotRound], numbers: Sequence[int], talked: Mapping[int, Moment]
) -> NextStep:
    if not numbers:
        return NextStep.START
    last = [one for one in rounds if one.number == numbers[-1]]
    if numbers[-1] in talked:
        return NextStep.DONE if all(one.met for one in last) else NextStep.NEXT_ROUND
    if any(one.lacking for one in last):
        return NextStep.LABEL
    return NextStep.DONE if all(one.met for one in last) else NextStep.DISCUSS
