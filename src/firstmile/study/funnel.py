"""The funnel: where every collected issue stands, and which step it left at, with the reason.

An issue leaves at a step of raters only when every rater of that step excluded it: a single
rater who would keep it carries it on to the next step, where more of it is read. So the screen
loses only what nobody wanted. Its reason is the one that all of them gave; where they gave
different ones it counts under "reasons differ" with each of them named, since the exclusion is
agreed and its reason is not. One that the audit of the screen would keep comes back, whoever or
whatever had discarded it, and is verified like any other.

In every step only the decisions of raters whom the study.toml names for it count (`counting`):
what former raters decided, the final labels of an adjudicator included, stays on record, settles
nothing, and counts again once their names are back.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec

from firstmile.study.decisions import Decision, LabelValue, Step, label_of, screen_of
from firstmile.study.design import Design
from firstmile.taxonomy import Axis


class Place(StrEnum):
    """Where an issue stands: what it waits for, or where it left."""

    OUT_OF_RANGE = "out of range"
    NO_KEYWORD = "no keyword"
    DUPLICATE = "duplicate"
    NOT_RANKED_HIGH = "not read"
    TO_SCREEN = "to screen"
    SCREENED_OUT = "screened out"
    TO_VERIFY = "to verify"
    VERIFIED_OUT = "verified out"
    TO_LABEL = "to label"
    TO_ADJUDICATE = "to adjudicate"
    UNTOLD = "cannot be told"
    LABELLED = "labelled"


MACHINE = (Place.OUT_OF_RANGE, Place.NO_KEYWORD, Place.DUPLICATE)
"""Where issues leave without a rater."""

DISCARDED = (
    Place.NO_KEYWORD,
    Place.DUPLICATE,
    Place.NOT_RANKED_HIGH,
    Place.SCREENED_OUT,
)
"""Where a failure may have been missed; a sample of these is audited. A group of duplicates may
hold an issue that is none, so those who followed in one are among them."""

AUDITED = (Place.NO_KEYWORD, Place.DUPLICATE)
"""Where an issue leaves without a rater and comes back when the audit would keep it."""


_DIFFER = "reasons differ: "
_BETWEEN = " / "


class FunnelStep(msgspec.Struct, frozen=True, kw_only=True):
    """One step: how many came in, left (by reason), wait in it, and went on."""

    name: str
    entered: int
    left: int
    waiting: int
    reasons: Mapping[str, int]

    @property
    def passed(self) -> int:
        """How many went on."""
        return self.entered - self.left - self.waiting


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """One issue's place, the reason it left for, and its labels once they are final.

    `decided` says whether they were agreed on, adjudicated, or are a single rater's.
    """

    place: Place
    reason: str = ""
    labels: LabelValue | None = None
    decided: str = ""


_WAITING = Standing(place=Place.TO_SCREEN)
_GIVEN_UP = Standing(place=Place.NOT_RANKED_HIGH, reason=Place.NOT_RANKED_HIGH.value)


class Funnel(msgspec.Struct, frozen=True, kw_only=True):
    """Every issue's standing by its address, and the steps they add up to.

    Unless it is `screened`, neither range nor keywords nor duplicates were looked at yet, and what
    no rater decided on waits before the first step.
    """

    standings: Mapping[str, Standing]
    steps: tuple[FunnelStep, ...]
    screened: bool = True

    def at(self, *places: Place) -> list[str]:
        """Return the addresses of the issues that stand in one of some places."""
        return [url for url, one in self.standings.items() if one.place in places]


def make_funnel(
    urls: Sequence[str],
    excluded: Mapping[str, tuple[Place, str]],
    decisions: Mapping[Step, Iterable[Decision]],
    design: Design,
    *,
    unread: frozenset[str] = frozenset(),
    screened: bool = True,
) -> Funnel:
    """Say where each issue stands.

    `excluded` holds what left without a rater, with place and reason; `decisions` the current
    ones by step; `unread` what was given up unread when the ranking was frozen; `screened` says
    that the machine's part of the screen was made.
    """
    by_step = {step: _by_issue(counting(found, step, design)) for step, found in decisions.items()}
    standings = {}
    decided = {url for found in by_step.values() for url in found}
    for url in urls:
        left = excluded.get(url)
        if left is not None and not (
            left[0] in AUDITED and _brought_back(by_step.get(Step.AUDIT, {}).get(url, ()))
        ):
            place, reason = left
            standings[url] = Standing(place=place, reason=reason)
        elif url in decided:
            of_issue = {step: by_step.get(step, {}).get(url, []) for step in Step}
            standings[url] = _standing(of_issue, design, given_up=url in unread)
        else:
            standings[url] = _GIVEN_UP if url in unread else _WAITING
    steps = _steps(standings, screened=screened)
    return Funnel(standings=standings, steps=steps, screened=screened)


def deciders(step: Step, design: Design) -> tuple[str, ...]:
    """Return who decides in a step; the screeners audit."""
    return {
        Step.SCREEN: design.screeners,
        Step.AUDIT: design.screeners,
        Step.VERIFY: design.verifiers,
        Step.LABEL: design.labellers,
        Step.ADJUDICATE: design.adjudicators,
    }[step]()


def counting(decisions: Iterable[Decision], step: Step, design: Design) -> list[Decision]:
    """Return the decisions of a step that settle something: those of its present raters.

    One rule for all steps: who has no part in a step any more has no say in what comes of it.
    """
    present = frozenset(deciders(step, design))
    return [one for one in decisions if one.rater in present]


def _by_issue(decisions: Iterable[Decision]) -> dict[str, list[Decision]]:
    found: dict[str, list[Decision]] = {}
    for one in decisions:
        found.setdefault(one.issue, []).append(one)
    return found


def _standing(
    decisions: Mapping[Step, Sequence[Decision]], design: Design, *, given_up: bool
) -> Standing:
    brought_back = _brought_back(decisions[Step.AUDIT])
    screened = "" if brought_back else _kept(decisions[Step.SCREEN], design.screeners())
    if screened is None:
        return _GIVEN_UP if given_up else _WAITING
    if screened:
        return Standing(place=Place.SCREENED_OUT, reason=screened)
    verified = _kept(decisions[Step.VERIFY], design.verifiers())
    if verified is None:
        return Standing(place=Place.TO_VERIFY)
    if verified:
        return Standing(place=Place.VERIFIED_OUT, reason=verified)
    return labelled(decisions[Step.LABEL], decisions[Step.ADJUDICATE], design)


def _brought_back(audited: Iterable[Decision]) -> bool:
    """Whether the audit would keep an issue; where auditors differ, verification decides."""
    return any(screen_of(one).include for one in audited)


def _kept(decisions: Sequence[Decision], raters: Sequence[str]) -> str | None:
    """Return '' for an issue that stays, the reason for one that leaves, None while open."""
    values = {one.rater: screen_of(one) for one in decisions}
    if any(value.include for value in values.values()):
        return ""
    if not raters or len(values) < len(raters):
        return None
    return one_reason(values[rater].reason or "other" for rater in raters)


def one_reason(given: Iterable[str]) -> str:
    """Return the reason that all raters gave, or the text that says which different ones."""
    reasons = sorted(set(given))
    return reasons[0] if len(reasons) == 1 else _DIFFER + _BETWEEN.join(reasons)


def given_reasons(reason: str) -> tuple[str, ...]:
    """Return the raters' reasons in what `one_reason` made of them."""
    if not reason.startswith(_DIFFER):
        return (reason,)
    return tuple(reason.removeprefix(_DIFFER).split(_BETWEEN))


def labelled(
    labels: Sequence[Decision], adjudicated: Sequence[Decision], design: Design
) -> Standing:
    """Return where an issue stands that raters label: by all raters' labels, or the final ones.

    Both are decisions that count, of present raters.
    """
    if adjudicated:
        final = label_of(max(adjudicated, key=lambda one: one.id))
        return _final(final, "adjudicated")
    values = {one.rater: label_of(one) for one in labels}
    if not values or len(values) < len(design.labellers()):
        return Standing(place=Place.TO_LABEL)
    given = [values[rater] for rater in design.labellers()]
    if len({codes_of(value) for value in given}) > 1:
        return Standing(place=Place.TO_ADJUDICATE)
    return _final(given[0], "agreed" if len(given) > 1 else "single rater")


def codes_of(value: LabelValue) -> tuple[str | None, ...]:
    """Return the codes of the three axes."""
    return tuple(getattr(value, axis.value) for axis in Axis)


def _final(value: LabelValue, decided: str) -> Standing:
    if value.symptom is None or value.cause is None or value.stage is None:
        return Standing(
            place=Place.UNTOLD, reason="cannot be told from the thread", decided=decided
        )
    return Standing(place=Place.LABELLED, labels=value, decided=decided)


_ORDER: tuple[tuple[str, tuple[Place, ...], tuple[Place, ...]], ...] = (
    ("Opened in the date range", (Place.OUT_OF_RANGE,), ()),
    ("Keyword screen", (Place.NO_KEYWORD,), ()),
    ("One of each group of duplicates", (Place.DUPLICATE,), ()),
    ("Reviewer screen", (Place.SCREENED_OUT, Place.NOT_RANKED_HIGH), (Place.TO_SCREEN,)),
    ("In-depth verification", (Place.VERIFIED_OUT,), (Place.TO_VERIFY,)),
    ("Labelling", (Place.UNTOLD,), (Place.TO_LABEL, Place.TO_ADJUDICATE)),
)
"""Name of each step, where issues leave at it, and where they wait in it."""


def _steps(standings: Mapping[str, Standing], *, screened: bool) -> tuple[FunnelStep, ...]:
    counts: dict[Place, int] = dict.fromkeys(Place, 0)
    reasons: dict[Place, dict[str, int]] = {place: {} for place in Place}
    for one in standings.values():
        counts[one.place] += 1
        if one.reason:
            held = reasons[one.place]
            held[one.reason] = held.get(one.reason, 0) + 1
    entered, steps = len(standings), list[FunnelStep]()
    unscreened = 0 if screened else counts.pop(Place.TO_SCREEN)
    for name, leaving, waiting in _ORDER:
        left = sum(counts[place] for place in leaving)
        here = sum(counts.get(place, 0) for place in waiting) + (0 if steps else unscreened)
        why: dict[str, int] = {}
        for place in leaving:
            for reason, count in reasons[place].items():
                why[reason] = why.get(reason, 0) + count
        steps.append(
            FunnelStep(
                name=name,
                entered=entered,
                left=left,
                waiting=here,
                reasons=dict(sorted(why.items(), key=lambda item: (-item[1], item[0]))),
            )
        )
        entered -= left + here
    return tuple(steps)


def funnel_data(funnel: Funnel) -> list[dict[str, Any]]:
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
        for step in funnel.steps
    ]
