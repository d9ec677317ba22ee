"""Pilot rounds as they are opened, discussed and ended: each an event on record."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Final

import msgspec

from firstmile.errors import UserError
from firstmile.study.agreement import AgreementReport, Moment, Target, make_report
from firstmile.study.decisions import Decisions, Step
from firstmile.study.folder import StudyFolder
from firstmile.study.funnel import Funnel, Place
from firstmile.study.queues import PILOT
from firstmile.study.settings import Settings

DISCUSSED: Final = "pilot-discussed"
"""The event of a round whose disagreements were talked over.

Its data hold `round` and `last`, the id of the last decision before; older events have no `last`.
"""


def open_round(folder: StudyFolder, decisions: Decisions, funnel: Funnel, *, at: datetime) -> int:
    """Open the next pilot round with issues that nobody has labelled; return its number.

    Raises UserError where a round is open that was not discussed, or no issue is left.
    """
    opened = decisions.events(PILOT)
    latest = int(opened[-1].data["round"]) if opened else 0
    if latest and latest not in talked(decisions):
        raise UserError(
            f"Pilot round {latest} was not discussed yet: label it, talk its disagreements "
            "over, then say so with --discussed."
        )
    number = max((int(event.data["round"]) for event in opened), default=0) + 1
    used = {one.issue for one in decisions.history(step=Step.LABEL)}
    used |= {url for event in opened for url in event.data.get("issues", ())}
    seed = folder.design.study.seed
    free = sorted(
        (url for url in funnel.at(Place.TO_LABEL) if url not in used),
        key=lambda url: sha256(f"{seed} {url}".encode()).digest(),
    )
    if not free:
        raise UserError("No verified issue is left that nobody has labelled: verify more first.")
    issues = free[: folder.design.label.pilot]
    decisions.note(PILOT, {"round": number, "issues": issues}, at=_text(at))
    return number


def discuss_round(decisions: Decisions, *, at: datetime) -> int:
    """Note that the open round's disagreements were talked over; return its number.

    What raters first said stays the round's figure for ever. Raises UserError where no round is
    open.
    """
    number = _open(decisions)
    if number not in talked(decisions):
        last = max((one.id for one in decisions.history()), default=0)
        decisions.note(DISCUSSED, {"round": number, "last": last}, at=_text(at))
    return number


def end_pilot(decisions: Decisions, *, at: datetime) -> None:
    """End the pilot: from now on all verified issues are labelled."""
    _open(decisions)
    decisions.note(PILOT, {"round": 0}, at=_text(at))


def talked(decisions: Decisions) -> Mapping[int, Moment]:
    """Return when each round was first discussed."""
    found: dict[int, Moment] = {}
    for event in decisions.events(DISCUSSED):
        found.setdefault(int(event.data["round"]), event.data.get("last", event.at))
    return found


def study_agreement(
    folder: StudyFolder,
    decisions: Decisions,
    *,
    settings: Settings | None = None,
    names: Mapping[str, str] | None = None,
) -> AgreementReport:
    """Compute how far a study's raters agree, with its pilot's rounds.

    `names` are what raters are called instead, such as rater-1 in what is published.
    """
    design, called = folder.design, names or {}
    history = [
        *decisions.history(step=Step.LABEL),
        *decisions.history(step=Step.ADJUDICATE),
    ]
    return make_report(
        [
            msgspec.structs.replace(one, rater=called.get(one.rater, one.rater))
            for one in sorted(history, key=lambda one: one.id)
        ],
        settings or Settings(seed=design.study.seed),
        codebook=folder.taxonomy,
        target=Target(at=design.label.target),
        size=design.label.pilot,
        sizes={
            int(event.data["round"]): len(event.data["issues"])
            for event in decisions.events(PILOT)
            if event.data["round"]
        },
        raters=[called.get(name, name) for name in design.labellers()],
        discussed=talked(decisions),
        ecosystem=design.study.ecosystem,
    )


def _open(decisions: Decisions) -> int:
    opened = decisions.events(PILOT)
    number = int(opened[-1].data["round"]) if opened else 0
    if not number:
        raise UserError("No pilot round is open: firstmile study pilot STUDY --open opens one.")
    return number


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
