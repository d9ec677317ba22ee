"""What raters say of two issues: that they report the same failure, or that they do not.

Appended with rater, time and reason, and never changed: the latest on a pair holds. It overrules
what the screen finds, each time it is made.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

import msgspec

from firstmile.errors import UserError
from firstmile.study.decisions import Decisions
from firstmile.study.design import Design
from firstmile.study.reading.quoting import quoted, shown

if TYPE_CHECKING:
    from scipy.cluster.hierarchy import DisjointSet

JUDGED: Final = "duplicates-judged"
"""The event of a judgement; its data hold `first`, `second`, `same`, `rater` and `reason`."""


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """Whether two issues report the same failure, by whom and why."""

    first: str
    second: str
    same: bool
    rater: str
    reason: str
    at: str = ""

    @property
    def pair(self) -> frozenset[str]:
        """The two issues, in no order."""
        return frozenset((self.first, self.second))


def read_judgements(decisions: Decisions) -> tuple[Judgement, ...]:
    """Return the latest judgement on each pair, in the order they were made."""
    found: dict[frozenset[str], Judgement] = {}
    for event in decisions.events(JUDGED):
        one = msgspec.convert({**event.data, "at": event.at}, Judgement)
        found.pop(one.pair, None)
        found[one.pair] = one
    return tuple(found.values())


def judge(
    decisions: Decisions,
    judgement: Judgement,
    design: Design,
    *,
    there: Collection[str],
    at: datetime,
) -> None:
    """Record a judgement; `there` are the issues of the store.

    Raises UserError for an issue that is not there, a rater that the study.toml does not name,
    an empty reason, and a judgement that contradicts others.
    """
    for url in (judgement.first, judgement.second):
        if url not in there:
            raise UserError(f"{quoted(url)} is no issue of the study; give its address as it has.")
    if judgement.first == judgement.second:
        raise UserError(f"{quoted(judgement.first)} is given twice: give two issues.")
    design.rater(judgement.rater)
    if not judgement.reason.strip():
        raise UserError("A judgement stays on record with its reason: give one with --reason.")
    with decisions.together():
        earlier = [one for one in read_judgements(decisions) if one.pair != judgement.pair]
        if against := _contradicted([*earlier, judgement]):
            raise UserError(
                f"{shown(against.rater)} said that {shown(against.first)} and "
                f"{shown(against.second)} are not the same, which would follow: judge these two "
                "anew first."
                if judgement.same
                else f"{shown(judgement.first)} and {shown(judgement.second)} are the same by "
                "other judgements together: judge one of those anew first."
            )
        data = msgspec.to_builtins(judgement)
        del data["at"]
        decisions.note(JUDGED, data, at=at.strftime("%Y-%m-%dT%H:%M:%SZ"))


def _contradicted(judgements: Sequence[Judgement]) -> Judgement | None:
    """Return a pair judged not the same that the others make the same; None where none is."""
    issues = {url for one in judgements for url in one.pair}
    groups = joined(issues, (), [one for one in judgements if one.same])
    return next(
        (one for one in judgements if not one.same and groups.connected(one.first, one.second)),
        None,
    )


def joined(
    issues: Iterable[str], alike: Iterable[tuple[str, str]], judgements: Sequence[Judgement]
) -> "DisjointSet[str]":
    """Return the groups that alike pairs make of issues, strongest pairs first.

    What was judged the same is together, what was judged not to be the same never is: a pair that
    would bring it together is left out.
    """
    from scipy.cluster.hierarchy import DisjointSet

    groups = DisjointSet(issues)
    inside = [one for one in judgements if one.first in groups and one.second in groups]
    apart = [one for one in inside if not one.same]
    for first, second in [*((one.first, one.second) for one in inside if one.same), *alike]:
        if first in groups and second in groups:
            ends = {groups[first], groups[second]}
            if not any({groups[one.first], groups[one.second]} == ends for one in apart):
                groups.merge(first, second)
    return groups
