"""Decisions of raters as the tests need them, recorded in a real decisions file."""

from pathlib import Path

from firstmile.study.agreement import Rating, Ratings
from firstmile.study.decisions import Decision, Decisions, LabelValue, Step


def issue(number: int) -> str:
    """Return the address of an issue that does not exist."""
    return f"https://github.com/example/project/issues/{2 * number + 1}"


def of_causes(**codes: str) -> Ratings:
    """Return ratings of causes: one word a rater of one-letter codes, "." for cannot tell."""
    names = {"e": "environment", "c": "configuration", "h": "hardware", "a": "api"}
    names |= {"d": "environment/dependency-library", "v": "environment/cuda-version"}
    names |= {"g": "hardware/gpu-memory", "i": "configuration/inference"}
    return Ratings(
        ratings=tuple(
            Rating(issue=issue(at), rater=rater, cause=names.get(letter))
            for rater, word in codes.items()
            for at, letter in enumerate(word)
            if letter != " "
        )
    )


class Book:
    """A decisions file, with a clock that goes on by a minute at each decision."""

    def __init__(self, folder: Path) -> None:
        self.decisions = Decisions(folder / "decisions.sqlite")
        self.minute = 0

    def now(self) -> str:
        """Return the time and let a minute pass."""
        self.minute += 1
        return f"2026-01-01T{self.minute // 60:02d}:{self.minute % 60:02d}:00Z"

    def label(
        self,
        number: int,
        rater: str,
        value: LabelValue | None,
        *,
        pilot_round: int = 1,
        codebook: str = "1.0.0",
        step: Step = Step.LABEL,
    ) -> None:
        """Record a label, or the withdrawal of one."""
        at = self.now()
        self.decisions.append(
            issue(number),
            step,
            rater,
            value,
            codebook=codebook,
            at=at,
            key=at,
            round=pilot_round,
        )

    def history(self) -> list[Decision]:
        """Return all decisions."""
        return self.decisions.history()


def cause(code: str | None) -> LabelValue:
    """Return a label that tells the cause alone."""
    return LabelValue(cause=code, cannot_tell=() if code else ("cause",))
