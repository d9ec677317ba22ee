"""What every capability returns: outcomes, findings with evidence, and examinations."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from firstmile.taxonomy import Classification


class Outcome(StrEnum):
    """The outcome of one check, probe, rule or entry.

    SKIP means "does not apply" or "is not known"; the finding's message says which. ERROR
    means that our own code broke, never that the subject is bad.
    """

    PASS = "pass"  # noqa: S105 - an outcome, not a password
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"
    ERROR = "error"


class FailOn(StrEnum):
    """From which outcome on the exit status is 1."""

    FAIL = "fail"
    WARN = "warn"


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """A quoted piece of the input, with the place it stands at.

    `file` is relative to what was given; `record` counts from 1 and is None where the whole
    file is meant.
    """

    text: str
    file: str | None = None
    record: int | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was found, with what proves it and what to do about it."""

    source: str
    outcome: Outcome
    message: str
    evidence: tuple[Evidence, ...] = ()
    classification: Classification | None = None
    remedy: str | None = None
    probability: float | None = None


class Examination(msgspec.Struct, frozen=True, kw_only=True):
    """Findings about one subject, with when they were made and by which versions.

    `started` is UTC in ISO 8601, `seconds` how long it took.
    """

    subject: str
    findings: tuple[Finding, ...]
    versions: Mapping[str, str]
    started: str
    seconds: float

    def of(self, *outcomes: Outcome) -> tuple[Finding, ...]:
        """Return the findings of some outcomes, in their order."""
        return tuple(each for each in self.findings if each.outcome in outcomes)

    @property
    def exit_status(self) -> int:
        """0 where it was examined and nothing failed, 1 where something did, 2 otherwise.

        A failure outranks an error of our own, which outranks that nothing was examined.
        """
        if self.of(Outcome.FAIL):
            return 1
        if self.of(Outcome.ERROR) or not self.of(Outcome.PASS, Outcome.WARN):
            return 2
        return 0
