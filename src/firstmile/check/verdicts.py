"""What a check says: an outcome, one sentence, what proves it, and what to do about it."""

from typing import Any, Final

import msgspec

from firstmile.findings import Evidence, Finding, Outcome

LONGEST_VALUE: Final = 200
"""Characters of a value that is quoted as evidence."""
LONGEST_MESSAGE: Final = 600
"""Characters of a sentence: names in it come from outside, and may be of any length."""
_NOT_KNOWN: Final = "not known: "


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One outcome. `remedy` is the smallest change that works, where the check can name one."""

    outcome: Outcome
    message: str
    evidence: tuple[Evidence, ...] = ()
    remedy: str | None = None


def passed(message: str, *evidence: Evidence) -> Verdict:
    """Say that the good state was seen, with what shows it."""
    return Verdict(outcome=Outcome.PASS, message=_sentence(message), evidence=evidence)


def warned(message: str, *evidence: Evidence, remedy: str | None = None) -> Verdict:
    """Say that it may go wrong, or will go worse than it could."""
    return Verdict(
        outcome=Outcome.WARN, message=_sentence(message), evidence=evidence, remedy=remedy
    )


def failed(message: str, *evidence: Evidence, remedy: str | None = None) -> Verdict:
    """Say that it will go wrong: an error, or answers that are silently wrong."""
    return Verdict(
        outcome=Outcome.FAIL, message=_sentence(message), evidence=evidence, remedy=remedy
    )


def does_not_apply(reason: str) -> Verdict:
    """Say that the question does not arise here; the reason completes "does not apply: "."""
    return Verdict(outcome=Outcome.SKIP, message=_sentence(f"does not apply: {reason}"))


def not_known(what: str) -> Verdict:
    """Say that it could not be judged; `what` completes "not known: "."""
    return Verdict(outcome=Outcome.SKIP, message=_sentence(f"{_NOT_KNOWN}{what}"))


def is_not_known(finding: Finding) -> bool:
    """Say of a finding that was skipped whether a fact was missing; else it does not apply."""
    return finding.outcome is Outcome.SKIP and finding.message.startswith(_NOT_KNOWN)


def stated(file: str, key: str, value: Any) -> Evidence:
    """Quote a setting of a file: `max_position_embeddings = 4096` in `config.json`."""
    return Evidence(text=f"{key} = {shortened(value)}", file=file)


def seen(text: str, *, file: str | None = None) -> Evidence:
    """Quote a fact in words, such as a version that is installed."""
    return Evidence(text=shortened(text), file=file)


def shortened(value: Any, most: int = LONGEST_VALUE) -> str:
    """Return a value as text, cut where it is long."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= most else text[: most - 3] + "..."


def _sentence(message: str) -> str:
    return shortened(message, LONGEST_MESSAGE)
