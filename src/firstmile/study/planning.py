"""What a study will cost, or what is left of it: requests, time, bytes, and hours of reading.

The shares that pass each step are those of the published study, until a study has measured its
own. The seconds that a reading takes are assumed: a study.toml may state others.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

import msgspec

from firstmile.rendering.inert import visible
from firstmile.study.decisions import Step
from firstmile.study.design import Design
from firstmile.study.funnel import Funnel
from firstmile.study.one_rater import one_rater_sentence
from firstmile.study.wording import counted

PUBLISHED_FUNNEL = (5_302, 2_176, 1_180, 705)
"""Issues collected, kept by keyword, kept by two reviewers, verified (arXiv 2601.13655)."""

ISSUES_A_REQUEST = 40
"""Issues with all their comments that a request to GitHub brings, with some to spare."""
SECONDS_A_REQUEST = 3.0
BYTES_AN_ISSUE = 9_000
"""Bytes of an issue with its comments as received."""

SHARE_TO_ADJUDICATE = 0.35
"""Share of issues on which two raters differ on some axis in a first round."""


_READ: Final[Mapping[str, str]] = {
    "Reviewer screen": " (title and description)",
    "Audit of what was discarded": " (the whole thread)",
    "In-depth verification": " (the whole thread)",
}
"""What a step reads of an issue, which is why it takes so long."""


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """How far a study is: nothing of all of this, unless store and decisions say otherwise.

    `unscreened` issues are in the store and were not yet screened by keyword, `discarded` left in
    a way of which a sample is audited. `waiting` counts the issues that wait in a step,
    `readings` what its raters have still to read of them. `unaudited` is what is left to read of
    the sample, None before it is drawn; `decisions` counts those that stand.
    """

    unscreened: int = 0
    discarded: int = 0
    waiting: Mapping[Step, int] = {}
    readings: Mapping[Step, int] = {}
    unaudited: int | None = None
    decisions: int = 0


NOTHING: Final = Begun()
"""A study of which nothing was collected."""


class PlannedStep(msgspec.Struct, frozen=True, kw_only=True):
    """How many issues a step of raters still reads, and the hours of each rater and of all.

    `seconds` are those that a rater is expected to take over one issue.
    """

    name: str
    issues: int
    raters: int
    seconds: int
    hours_each: float
    hours: float


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a study will still cost; `known` says for which of its targets the size is known.

    `issues` are all that are known of, `collected` those of them that are there already:
    requests, minutes and bytes are of the others. `decisions` stand on record. `labellers` are
    the raters who label, `unstated` the keys of the study.toml that nobody has filled in.
    """

    issues: int
    collected: int
    requests: int
    minutes: float
    bytes: int
    steps: tuple[PlannedStep, ...]
    hours: float
    decisions: int
    known: Mapping[str, int]
    unknown: tuple[str, ...]
    labellers: tuple[str, ...]
    unstated: tuple[str, ...]


def make_plan(
    design: Design,
    issues: Mapping[str, int | None],
    *,
    begun: Begun = NOTHING,
    collected: Mapping[str, int] = {},
    measured: Funnel | None = None,
    bytes_an_issue: float | None = None,
    issues_a_request: float | None = None,
    from_files: Collection[str] = (),
) -> Plan:
    """Plan a study of targets with so many issues each (None: not known, which counts nothing).

    `collected` says how many of each are there, `begun` how far the reading is. `from_files` are
    those that come from files, which needs no request. `measured` is the study's funnel so far;
    a share is taken from it once 100 issues passed or left the step.
    """
    known = {name: count for name, count in issues.items() if count is not None}
    ahead = {name: max(0, count - collected.get(name, 0)) for name, count in known.items()}
    asked = sum(count for name, count in ahead.items() if name not in from_files)
    requests = -(-asked // max(1, round(issues_a_request or ISSUES_A_REQUEST)))
    steps = tuple(_steps(design, sum(ahead.values()), begun, _shares(measured)))
    return Plan(
        issues=sum(known.values()),
        collected=sum(known.values()) - sum(ahead.values()),
        requests=requests,
        minutes=requests * SECONDS_A_REQUEST / 60,
        bytes=round(sum(ahead.values()) * (bytes_an_issue or BYTES_AN_ISSUE)),
        steps=steps,
        hours=sum(step.hours for step in steps),
        decisions=begun.decisions,
        known=known,
        unknown=tuple(name for name, count in issues.items() if count is None),
        labellers=design.labellers(),
        unstated=design.unstated(),
    )


def _steps(
    design: Design, ahead: int, begun: Begun, shares: tuple[float, float, float]
) -> Iterator[PlannedStep]:
    """Yield what waits in each step, with what is expected to come into it."""
    by_keyword, by_reviewers, by_verifiers = shares
    unread = ahead + begun.unscreened
    screen = round(unread * by_keyword)
    to_screen = begun.waiting.get(Step.SCREEN, 0) + screen
    verify = round(to_screen * by_reviewers)
    to_verify = begun.waiting.get(Step.VERIFY, 0) + verify
    label = round(to_verify * by_verifiers)
    to_label = begun.waiting.get(Step.LABEL, 0) + label
    labellers = max(1, len(design.labellers()))
    decide = round(to_label * SHARE_TO_ADJUDICATE) if labellers > 1 else 0
    if begun.unaudited is None:
        audit = min(design.screen.audit, begun.discarded + unread - screen + to_screen - verify)
    else:
        audit = begun.unaudited

    def step(of: Step, name: str, more: int, raters: int) -> PlannedStep:
        seconds: int = getattr(design.seconds_an_issue, of.value)
        hours = (begun.readings.get(of, 0) + more * raters) * seconds / 3600
        return PlannedStep(
            name=name,
            issues=begun.waiting.get(of, 0) + more,
            raters=raters,
            seconds=seconds,
            hours_each=hours / raters,
            hours=hours,
        )

    screeners, verifiers = len(design.screeners()) or 1, len(design.verifiers()) or 1
    yield step(Step.SCREEN, "Reviewer screen", screen, screeners)
    yield step(Step.AUDIT, "Audit of what was discarded", audit, 1)
    yield step(Step.VERIFY, "In-depth verification", verify, verifiers)
    yield step(Step.LABEL, "Labelling", label, labellers)
    yield step(Step.ADJUDICATE, "Adjudication", decide, 1)


def _shares(measured: Funnel | None) -> tuple[float, float, float]:
    """Return the shares kept by keyword, by reviewers, and by verification."""
    collected, by_keyword, by_reviewers, verified = PUBLISHED_FUNNEL
    shares = [by_keyword / collected, by_reviewers / by_keyword, verified / by_reviewers]
    if measured is not None:
        names = ("Keyword screen", "Reviewer screen", "In-depth verification")
        for place, name in enumerate(names):
            step = next(step for step in measured.steps if step.name == name)
            through = step.passed + step.left
            if through >= 100:
                shares[place] = step.passed / through
    return shares[0], shares[1], shares[2]


def plan_sentences(plan: Plan) -> list[str]:
    """Say a plan in words."""
    if not plan.issues and not plan.unknown:
        return [
            "The sources of the study.toml hold no issue that the study takes: look at their "
            "files, repositories and days."
        ]
    said = [_collecting(plan)] if plan.issues else []
    if plan.unknown:
        names = ", ".join(visible(name) for name in plan.unknown)
        said.append(
            f"Not counted, since their size is not known yet: {names}. With --issues N each of "
            "them counts as N issues."
        )
    # Of what nothing is known no step can be said to take no time.
    reading = _reading(plan) if plan.issues or plan.decisions else ()
    return [*said, *reading, *_missing(plan)]


def _collecting(plan: Plan) -> str:
    """Say what there is to collect, and what is there already."""
    ahead = plan.issues - plan.collected
    issues = counted(ahead, "issue")
    size = f"about {plan.bytes / 1e6:,.0f} MB" if plan.bytes >= 1e6 else "less than 1 MB"
    there = f"{counted(plan.collected, 'issue is', 'issues are')} collected"
    if plan.collected and not ahead:
        return f"{there}; collecting again asks only for what is new."
    if plan.collected:
        issues = f"{there}, {counted(ahead, 'issue is', 'issues are')} left"
    if ahead and not plan.requests:
        return f"{issues}, from files, so without any request: {size} to collect."
    requests, minutes = counted(plan.requests, "request"), round(plan.minutes)
    return f"{issues}: about {requests}, {counted(minutes, 'minute')}, {size} to collect."


def _reading(plan: Plan) -> Iterator[str]:
    """Say what there is to read, or what is left of it once issues are there."""
    left = " left" if plan.collected or plan.decisions else ""
    if plan.decisions:
        yield f"{counted(plan.decisions, 'decision stands', 'decisions stand')} on record."
    if left and not plan.unknown and not any(step.issues for step in plan.steps):
        yield "Nothing is left to read."
        return
    for step in plan.steps:
        if left and not step.issues:
            yield f"{step.name}: nothing is left."
        else:
            raters = f"each of {step.raters:,} raters" if step.raters > 1 else "1 rater"
            yield (
                f"{step.name}: {counted(step.issues, 'issue')}{left}, {_time(step.hours_each)} "
                f"for {raters}, at {counted(step.seconds, 'second')}"
                f" an issue{_READ.get(step.name, '')}."
            )
    yield (
        f"Reading{left} in all: {_time(plan.hours)}, if as many issues pass each "
        "step as in the published study. How many seconds an issue takes is assumed: "
        "[seconds_an_issue] in the study.toml changes it."
    )


def _time(hours: float) -> str:
    """Return hours of reading in words, as minutes where they are few."""
    minutes = round(hours * 60)
    return counted(minutes, "minute") if minutes < 90 else f"{hours:,.0f} hours"


def _missing(plan: Plan) -> Iterator[str]:
    """Say what the study.toml had better hold before anybody begins."""
    if alone := one_rater_sentence(plan.labellers):
        yield alone
    if plan.unstated:
        yield (
            f"The study.toml does not state {', '.join(plan.unstated)} yet: what is published "
            "opens with them."
        )


def plan_data(plan: Plan) -> dict[str, Any]:
    """Return a plan in plain form."""
    return {"schema_version": "1", **msgspec.to_builtins(plan)}
