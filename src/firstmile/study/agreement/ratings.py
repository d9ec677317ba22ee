"""Ratings as agreement is computed from them: who gave which issue which codes, and when."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TypeAlias

import msgspec
import numpy as np

from firstmile.statistics.agreement import MISSING
from firstmile.statistics.intervals import IntArray
from firstmile.study.decisions import Decision, Step, label_of
from firstmile.taxonomy import Axis, Taxonomy

Moment: TypeAlias = int | str
"""When a round was discussed: the id of the last decision before, or a time in old studies.

Ids grow with every decision, while a clock can go back and would then make first labels late.
"""


class Level(StrEnum):
    """How finely codes are compared."""

    CLASS = "class"
    MIDDLE = "middle"
    FINEST = "finest"

    def of(self, code: str) -> str:
        """Return the part of a code that this level compares."""
        if self is Level.FINEST:
            return code
        return "/".join(code.split("/")[: 1 if self is Level.CLASS else 2])


class Rating(msgspec.Struct, frozen=True, kw_only=True):
    """One rater's codes for one issue; None where the rater could not tell."""

    issue: str
    rater: str
    symptom: str | None = None
    cause: str | None = None
    stage: str | None = None
    round: int = 0
    codebook: str = ""

    def code(self, axis: Axis) -> str | None:
        """Return the code on an axis."""
        return {Axis.SYMPTOM: self.symptom, Axis.CAUSE: self.cause, Axis.STAGE: self.stage}[axis]


class Ratings(msgspec.Struct, frozen=True, kw_only=True):
    """A set of ratings, at most one by each rater of each issue.

    `late` counts first ratings that were left out because the issue had been discussed or
    adjudicated before they were given.
    """

    ratings: tuple[Rating, ...] = ()
    late: int = 0

    def __post_init__(self) -> None:
        seen = {(one.issue, one.rater) for one in self.ratings}
        if len(seen) != len(self.ratings):
            raise ValueError("a rater rates an issue once")

    @property
    def issues(self) -> tuple[str, ...]:
        """The rated issues, sorted, so that no figure hangs on the order of labelling."""
        return tuple(sorted({one.issue for one in self.ratings}))

    @property
    def raters(self) -> tuple[str, ...]:
        """The raters, sorted."""
        return tuple(sorted({one.rater for one in self.ratings}))

    @property
    def codebooks(self) -> tuple[str, ...]:
        """The versions of the codebook that were rated by."""
        return tuple(sorted({one.codebook for one in self.ratings}))

    def where(self, *, round_number: int, codebook: str | None = None) -> "Ratings":
        """Return the ratings of a round, and of a version of the codebook."""
        kept = tuple(
            one
            for one in self.ratings
            if one.round == round_number and codebook in (None, one.codebook)
        )
        return Ratings(ratings=kept)

    def codes(self, axis: Axis, level: Level, categories: Sequence[str]) -> IntArray:
        """Return category places (issues, raters), -1 where one was not rated or not told.

        Raises KeyError for a code that is not among the categories.
        """
        place = {code: at for at, code in enumerate(categories)}
        row = {issue: at for at, issue in enumerate(self.issues)}
        column = {rater: at for at, rater in enumerate(self.raters)}
        found = np.full((len(row), len(column)), MISSING, dtype=np.int64)
        for one in self.ratings:
            code = one.code(axis)
            if code is not None:
                found[row[one.issue], column[one.rater]] = place[level.of(code)]
        return found


def levels(axis: Axis, codebook: Taxonomy) -> tuple[Level, ...]:
    """Return the levels that an axis has; one that equals the next finer one is left out."""
    deepest = max((term.level for term in codebook.of(axis)), default=1)
    return (Level.CLASS, *((Level.MIDDLE,) if deepest > 2 else ()), Level.FINEST)[: max(1, deepest)]


def categories(
    ratings: Ratings, axis: Axis, level: Level, codebook: Taxonomy, *, ecosystem: str = ""
) -> tuple[str, ...]:
    """Return what can be chosen on an axis at a level, in codebook order.

    Terms that cannot apply in the ecosystem are left out, and codes that were used all the same
    are added: terms with terms below them, and terms that the codebook no longer has.
    """
    offered = [
        level.of(term.code)
        for term in codebook.leaves(axis)
        if not ecosystem or ecosystem not in term.not_applicable
    ]
    codes = [code for one in ratings.ratings if (code := one.code(axis)) is not None]
    used = sorted({level.of(code) for code in codes})
    known = list(dict.fromkeys([*offered, *used]))
    order = {term.code: at for at, term in enumerate(codebook.terms)}
    return tuple(sorted(known, key=lambda code: (order.get(code, len(order)), code)))


def first_round(
    history: Iterable[Decision], *, discussed: Mapping[int, Moment] | None = None
) -> Ratings:
    """Return each rater's first rating of each issue, as given before any discussion.

    `history` are the decisions, oldest first, of the steps LABEL and ADJUDICATE; `discussed`
    maps a pilot round to the moment its disagreements were discussed. An issue's discussion ends
    with its first adjudication, too. A rating withdrawn before the discussion (undo) does not
    count; one withdrawn or changed after it counts as it was given. A rater's first rating after
    the discussion is left out and counted as late.
    """
    decisions = list(history)
    rounds = discussed or {}
    adjudicated: dict[str, int] = {}
    for one in decisions:
        if one.step is Step.ADJUDICATE and one.value is not None:
            adjudicated.setdefault(one.issue, one.id)
    kept: dict[tuple[str, str], Decision] = {}
    late: set[tuple[str, str]] = set()
    for one in decisions:
        if one.step is not Step.LABEL:
            continue
        place = (one.issue, one.rater)
        number = kept[place].round if place in kept else one.round
        early = _before(one, rounds.get(number)) and one.id < adjudicated.get(one.issue, one.id + 1)
        if one.value is None:
            if early:
                kept.pop(place, None)
        elif place not in kept:
            if early:
                kept[place] = one
            else:
                late.add(place)
    return Ratings(
        ratings=tuple(_rating(one) for one in kept.values()), late=len(late - kept.keys())
    )


def latest(history: Iterable[Decision]) -> Ratings:
    """Return each rater's last rating of each issue, without those that were withdrawn."""
    kept: dict[tuple[str, str], Decision] = {}
    for one in history:
        if one.step is Step.LABEL:
            kept[one.issue, one.rater] = one
    return Ratings(ratings=tuple(_rating(one) for one in kept.values() if one.value is not None))


def _rating(decision: Decision) -> Rating:
    label = label_of(decision)
    return Rating(
        issue=decision.issue,
        rater=decision.rater,
        symptom=label.symptom,
        cause=label.cause,
        stage=label.stage,
        round=decision.round,
        codebook=decision.codebook,
    )


def _before(decision: Decision, end: Moment | None) -> bool:
    """Whether a decision was made before the discussion; None is one that never came."""
    if end is None:
        return True
    if isinstance(end, int):
        return decision.id <= end
    return _moment(decision.at) < _moment(end)


def _moment(at: str) -> str:
    """Return a time in UTC so that earlier ones sort first, with fractions of seconds or not."""
    return at.removesuffix("Z").removesuffix("+00:00")
