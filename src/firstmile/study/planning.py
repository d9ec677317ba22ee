"""What a study will cost before it is begun: requests, time, bytes, and hours of reading.

The shares that pass each step are those of the published study, and the seconds a reading
takes are stated assumptions; what a study has measured of itself takes their place.
"""

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from firstmile.rendering.inert import visible
from firstmile.study.design import Design
from firstmile.study.funnel import Funnel
from firstmile.study.wording import counted

PUBLISHED_FUNNEL = (5_302, 2_176, 1_180, 705)
"""Issues collected, kept by keyword, kept by two reviewers, verified (arXiv 2601.13655)."""

ISSUES_A_REQUEST = 40
"""Issues with all their comments that a request to GitHub brings, with some to spare."""
SECONDS_A_REQUEST = 3.0
BYTES_AN_ISSUE = 9_000
"""Bytes of an issue with its comments as received."""

SECONDS_TO_SCREEN = 20
SECONDS_TO_VERIFY = 90
SECONDS_TO_LABEL = 150
SECONDS_TO_ADJUDICATE = 180
SHARE_TO_ADJUDICATE = 0.35
"""Share of issues on which two raters differ on some axis in a first round."""


class PlannedStep(msgspec.Struct, frozen=True, kw_only=True):
    """How many issues a step of raters reads, and the hours of each rater and of all."""

    name: str
    issues: int
    raters: int
    hours_each: float
    hours: float


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a study will cost; `known` says for which of its targets the size is known."""

    issues: int
    requests: int
    minutes: float
    bytes: int
    steps: tuple[PlannedStep, ...]
    hours: float
    known: Mapping[str, int]
    unknown: tuple[str, ...]


def make_plan(
    design: Design,
    issues: Mapping[str, int | None],
    *,
    measured: Funnel | None = None,
    bytes_an_issue: float | None = None,
    issues_a_request: float | None = None,
    from_files: Collection[str] = (),
) -> Plan:
    """Plan a study of targets with so many issues each (None: not known, which counts nothing).

    `from_files` are those that come from files, which needs no request. `measured` is the
    study's funnel so far; a share is taken from it once 100 issues passed or left the step.
    """
    known = {name: count for name, count in issues.items() if count is not None}
    total = sum(known.values())
    kept, screened, verified = _shares(measured)
    to_screen = round(total * kept)
    to_verify = round(to_screen * screened)
    to_label = round(to_verify * verified)
    audited = min(design.screen.audit, total - to_verify)
    labellers = max(1, len(design.labellers()))
    to_decide = round(to_label * SHARE_TO_ADJUDICATE) if labellers > 1 else 0
    steps = (
        _step("Reviewer screen", to_screen, len(design.screeners()) or 1, SECONDS_TO_SCREEN),
        _step("Audit of what was discarded", audited, 1, SECONDS_TO_VERIFY),
        _step("In-depth verification", to_verify, len(design.verifiers()) or 1, SECONDS_TO_VERIFY),
        _step("Labelling", to_label, labellers, SECONDS_TO_LABEL),
        _step("Adjudication", to_decide, 1, SECONDS_TO_ADJUDICATE),
    )
    asked = sum(count for name, count in known.items() if name not in from_files)
    requests = -(-asked // max(1, round(issues_a_request or ISSUES_A_REQUEST)))
    return Plan(
        issues=total,
        requests=requests,
        minutes=requests * SECONDS_A_REQUEST / 60,
        bytes=round(total * (bytes_an_issue or BYTES_AN_ISSUE)),
        steps=steps,
        hours=sum(step.hours for step in steps),
        known=known,
        unknown=tuple(name for name, count in issues.items() if count is None),
    )


def _step(name: str, issues: int, raters: int, seconds: int) -> PlannedStep:
    each = issues * seconds / 3600
    return PlannedStep(
        name=name, issues=issues, raters=raters, hours_each=each, hours=each * raters
    )


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
    issues, size = counted(plan.issues, "issue"), f"{plan.bytes / 1e6:,.0f} MB to collect."
    if not plan.issues and not plan.unknown:
        return [
            "The sources of the study.toml hold no issue that the study takes: look at their "
            "files, repositories and days."
        ]
    if plan.issues and not plan.requests:
        said = [f"{issues}, from files, so without any request: about {size}"]
    else:
        requests, minutes = counted(plan.requests, "request"), round(plan.minutes)
        said = [f"{issues}: about {requests}, {counted(minutes, 'minute')} and {size}"]
    if plan.unknown:
        names = ", ".join(visible(name) for name in plan.unknown)
        said.append(
            f"Not counted, since their size is not known yet: {names}. With --issues N each of "
            "them counts as N issues."
        )
    said += [
        f"{step.name}: {counted(step.issues, 'issue')}, {step.hours_each:,.1f} hours for each of "
        f"{counted(step.raters, 'rater')}."
        for step in plan.steps
    ]
    said.append(
        f"Reading in all: {counted(round(plan.hours), 'hour')}, if as many issues pass each "
        "step as in the published study and a reading takes as long as assumed."
    )
    return said


def plan_data(plan: Plan) -> dict[str, Any]:
    """Return a plan in plain form."""
    return {"schema_version": "1", **msgspec.to_builtins(plan)}
