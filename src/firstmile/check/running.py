"""Running checks: each on its own, so that one that breaks is an error of that one."""

from collections.abc import Iterable, Sequence
from typing import Final

from firstmile.check.adapters_named import with_adapters
from firstmile.check.inside import as_seen_by
from firstmile.check.intent import Intent
from firstmile.check.unit import Check, check_id
from firstmile.check.verdicts import Verdict
from firstmile.check.ways_of_saying import as_said
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Finding, Outcome

_REPORTED: Final = (
    "Report it to whoever maintains firstmile, with the command and what firstmile facts --out "
    "writes."
)


def judge_all(checks: Iterable[Check], snapshot: Snapshot, intent: Intent) -> tuple[Finding, ...]:
    """Return the findings of all checks, in their order; never raises for a check."""
    found: list[Finding] = []
    snapshot = as_seen_by(snapshot, intent)
    for check in checks:
        found += judge_one(check, snapshot, intent)
    return tuple(found)


def judge_one(check: Check, snapshot: Snapshot, intent: Intent) -> tuple[Finding, ...]:
    """Return what one check finds; a single ERROR where its own code fails."""
    source = check_id(check)
    snapshot = as_seen_by(snapshot, intent)
    try:
        answer = check.judge(snapshot, intent)
        verdicts: Sequence[Verdict] = (answer,) if isinstance(answer, Verdict) else answer
        verdicts = with_adapters(check, snapshot, intent, verdicts)
        classification = check.ABOUT.classification
        found = tuple(
            Finding(
                source=source,
                outcome=one.outcome,
                message=one.message,
                evidence=one.evidence,
                classification=classification,
                remedy=None if one.remedy is None else as_said(one.remedy, intent, snapshot),
            )
            for one in verdicts
        )
    except Exception as error:  # the edge around one unit
        return (
            _broken(
                source, f"firstmile failed at it ({type(error).__name__}), and judged nothing."
            ),
        )
    return found or (_broken(source, "firstmile failed at it: the check said nothing."),)


def _broken(source: str, message: str) -> Finding:
    return Finding(source=source, outcome=Outcome.ERROR, message=message, remedy=_REPORTED)
