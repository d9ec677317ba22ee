"""The answer of `firstmile check`: findings, what is accepted, memory, and the smallest change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from firstmile.check.suppressions import Suppression
from firstmile.check.unit import Check, explanation
from firstmile.check.verdicts import is_not_known
from firstmile.check.withheld import typed, withheld
from firstmile.facts.environment import NotKnown
from firstmile.findings import Evidence, Examination, FailOn, Finding, Outcome
from firstmile.rendering.displayed import Displayed, Shown
from firstmile.taxonomy import Axis, load_taxonomy

if TYPE_CHECKING:
    from firstmile.check.changing import Change, NothingWorks
    from firstmile.check.memory import Place, Sizing

SCHEMA_VERSION: Final = "1"
"""Goes up when a field changes its meaning or leaves; new fields do not raise it."""
_GRAVE: Final = (Outcome.FAIL, Outcome.WARN, Outcome.ERROR)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Checkup(Displayed):
    """What was found, and what of it counts.

    `suppressed` are by the id of their check. `unread` is what of the command was not
    understood, `not_known` what could not be looked at. `sizing` is the memory of the run, or
    the reason why it is not known; None where nothing is to be run. `notes` are sentences on what
    was done with the files that were given. `home` is the folder of whoever asks, which no output
    names. `files` are those of the model that findings name, by their paths from the working
    folder, and `place` is the one that findings without a file stand at.
    """

    examination: Examination
    checks: Mapping[str, Check]
    fail_on: FailOn = FailOn.FAIL
    suppressed: Mapping[str, Suppression] = field(default_factory=dict)
    expired: tuple[Suppression, ...] = ()
    unread: tuple[str, ...] = ()
    not_known: tuple[NotKnown, ...] = ()
    sizing: "Sizing | str | None" = None
    change: "Change | NothingWorks | None" = None
    notes: tuple[str, ...] = ()
    home: str | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    place: str = "."

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, accepted ones included."""
        return self.examination.findings

    def counted(self, *outcomes: Outcome) -> tuple[Finding, ...]:
        """Return the findings of some outcomes that nobody accepted."""
        return tuple(
            each for each in self.examination.of(*outcomes) if not self.is_suppressed(each)
        )

    def is_suppressed(self, finding: Finding) -> bool:
        """Say whether a finding is one that was accepted with a reason."""
        return finding.outcome in _GRAVE and finding.source in self.suppressed

    @property
    def exit_status(self) -> int:
        """0 where nothing fails, 1 where something does, 2 where it could not be judged.

        What is suppressed fails nothing. A failure outranks an error of our own, which outranks
        that nothing was examined, or that the model of the command was not there to be looked at,
        or nothing of the command was understood: then nobody can say that nothing will fail.
        """
        failing = (Outcome.FAIL, Outcome.WARN) if self.fail_on is FailOn.WARN else (Outcome.FAIL,)
        if self.counted(*failing):
            return 1
        examined = self.examination.of(Outcome.PASS, Outcome.WARN, Outcome.FAIL)
        is_unseen = any(one.what in ("model", "command") for one in self.not_known) and any(
            is_not_known(each) for each in self.examination.of(Outcome.SKIP)
        )
        return 2 if self.counted(Outcome.ERROR) or not examined or is_unseen else 0

    def __repr__(self) -> str:
        """Return one line: how many fail and how many may go wrong."""
        fails, warns = len(self.counted(Outcome.FAIL)), len(self.counted(Outcome.WARN))
        if self.exit_status == 2:
            return f"<Checkup could not be judged, {warns} may go wrong>"
        return f"<Checkup {fails} will fail, {warns} may go wrong>"

    def _shown(self) -> Shown:
        """Return what `firstmile check` prints, and what a notebook shows."""
        from firstmile.rendering.examination import as_text
        from firstmile.rendering.examination_markdown import as_markdown
        from firstmile.rendering.examination_page import as_fragment

        return Shown(data=plain(self), text=as_text, markdown=as_markdown, fragment=as_fragment)


def plain(checkup: Checkup, *, is_private: bool = False) -> dict[str, Any]:
    """Return a checkup as JSON values, as `firstmile check --schema` describes them.

    Every text in them that is not ours is without secrets, and without names of persons unless
    `is_private`: for the person alone who asks.
    """
    groups = {term.code: term.label for term in load_taxonomy().classes(Axis.CAUSE)}
    found = checkup.examination
    outcomes = (Outcome.FAIL, Outcome.ERROR, Outcome.WARN, Outcome.PASS, Outcome.SKIP)
    accepted = [each for each in found.findings if checkup.is_suppressed(each)]
    data: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "versions": dict(found.versions),
        "subject": found.subject,
        "started": found.started,
        "seconds": round(found.seconds, 3),
        "exit_status": checkup.exit_status,
        "fail_on": checkup.fail_on.value,
        "counts": {
            **{one.value: len(checkup.counted(one)) for one in outcomes},
            "not_known": sum(is_not_known(each) for each in found.of(Outcome.SKIP)),
            "suppressed": len(accepted),
        },
        "findings": [
            _finding(each, checkup, groups) for outcome in outcomes for each in found.of(outcome)
        ],
        "expired_suppressions": [_suppression(each) for each in checkup.expired],
        "not_understood": list(checkup.unread),
        "not_known": [{"what": one.what, "reason": one.reason} for one in checkup.not_known],
        "memory": _memory(checkup.sizing),
        "memory_not_known": checkup.sizing if isinstance(checkup.sizing, str) else None,
        "notes": list(checkup.notes),
        "files": [{"file": one, "path": path} for one, path in checkup.files.items()],
        "place": checkup.place,
        "smallest_change": _change(checkup, is_private=is_private),
    }
    told: dict[str, Any] = withheld(data, home=checkup.home, is_private=is_private)
    return told


def _finding(each: Finding, checkup: Checkup, groups: Mapping[str, str]) -> dict[str, Any]:
    check = checkup.checks.get(each.source)
    said = explanation(check) if check is not None else None
    # What broke judged nothing: why the check asks, and what helps, would read as if it had.
    is_grave = each.outcome in _GRAVE and each.outcome is not Outcome.ERROR
    # Codes as the check states them: one that no codebook has must not take the rest along.
    codes = check.ABOUT if check is not None else each.classification
    cause = codes.cause if codes else None
    about = check.ABOUT if check is not None and is_grave else None
    accepted = checkup.suppressed.get(each.source) if checkup.is_suppressed(each) else None
    return {
        "check": each.source,
        "outcome": each.outcome.value,
        "message": each.message,
        "evidence": [_evidence(one) for one in each.evidence],
        "remedy": each.remedy,
        "symptom": codes.symptom if codes else None,
        "cause": cause,
        "stage": codes.stage if codes else None,
        "group": groups.get((cause or "").partition("/")[0], "firstmile itself"),
        "good_state": said.good_state if said else None,
        "why": said.why if said and is_grave else None,
        "fix": said.fix if said and is_grave else None,
        "entries": list(about.entries) if about else [],
        "references": list(about.references) if about else [],
        "suppressed": None if accepted is None else _suppression(accepted),
    }


def _evidence(one: Evidence) -> dict[str, Any]:
    return {"file": one.file, "record": one.record, "text": one.text}


def _suppression(one: Suppression) -> dict[str, Any]:
    until = None if one.until is None else one.until.isoformat()
    return {"check": one.check, "reason": one.reason, "until": until}


def _memory(sizing: "Sizing | str | None") -> dict[str, Any] | None:
    if sizing is None or isinstance(sizing, str):
        return None
    from firstmile.check.memory import MEASURED_ON_GPU

    return {
        "fit": sizing.fit.value,
        "devices": sizing.devices,
        "devices_there": sizing.there,
        "is_training": sizing.intent.trains,
        "context": sizing.context,
        "context_is_asked": sizing.asked,
        "longest_context": sizing.longest,
        "positions": sizing.positions,
        "places": [_place(each) for each in sizing.places],
        "assumptions": list(sizing.assumptions),
        "measured_on_gpu": MEASURED_ON_GPU,
    }


def _place(place: "Place") -> dict[str, Any]:
    parts: Sequence[Any] = sorted(place.parts, key=lambda part: -part.amount.likely)
    return {
        "name": place.name,
        "is_gpu": place.is_gpu,
        "fit": place.fit.value,
        "limit_bytes": None if place.limit is None else round(place.limit),
        "total_bytes": None if place.total is None else round(place.total),
        "needed_bytes": _amount(place.needed),
        "parts": [
            {"name": part.name, "bytes": _amount(part.amount), "source": part.source}
            for part in parts
            if part.amount.high >= 1
        ],
    }


def _amount(amount: Any) -> dict[str, int]:
    return {
        "low": round(amount.low),
        "likely": round(amount.likely),
        "high": round(amount.high),
    }


def _change(checkup: Checkup, *, is_private: bool) -> dict[str, Any] | None:
    change = checkup.change
    if change is None:
        return None
    from firstmile.check.changing import NothingWorks

    if isinstance(change, NothingWorks):
        return {
            "because": change.because,
            "command": None,
            "steps": list(change.steps),
            "loses": list(change.loses),
            "still_fails": [one for one in change.still_fails if one not in checkup.suppressed],
            "hardware": change.hardware,
        }
    return {
        "because": change.because,
        "command": typed(change.words, home=checkup.home, is_private=is_private),
        "steps": list(change.steps),
        "loses": list(change.loses),
        "still_fails": [one for one in change.still_fails if one not in checkup.suppressed],
        "hardware": None,
    }
