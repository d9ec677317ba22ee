"""The remedies of findings that the smallest change puts right: that change, and no other."""

from collections.abc import Collection

from msgspec.structs import replace

from firstmile.check.changing.answers import Change, NothingWorks
from firstmile.findings import Finding, Outcome

_GRAVE = (Outcome.FAIL, Outcome.WARN)


def put_right(findings: Collection[Finding], change: Change | NothingWorks) -> frozenset[str]:
    """Return the checks that a change puts right among those that fail or warn."""
    if not change.steps:
        return frozenset()
    left = {*change.still_fails, *change.still_warns}
    return frozenset(one.source for one in findings if one.outcome in _GRAVE) - left


def with_one_remedy(
    findings: Collection[Finding], change: Change | NothingWorks
) -> tuple[Finding, ...]:
    """Return findings with the change as the remedy of each that it puts right.

    A check alone cannot know what else is wrong, nor what is lost least. Several answers on one
    page leave it to the reader to find out which of them go together.
    """
    right = put_right(findings, change)
    remedy = f"Set {' '.join(change.settings)}." if isinstance(change, Change) else change.hardware
    return tuple(
        replace(one, remedy=remedy) if one.outcome in _GRAVE and one.source in right else one
        for one in findings
    )
