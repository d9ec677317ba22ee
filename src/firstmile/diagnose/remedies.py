"""Remedies: of which of the known failures that are met it is said what to do."""

from collections.abc import Sequence
from typing import Final

from firstmile.diagnose.hypotheses import Remedy
from firstmile.knowledge import Match

MOST: Final = 3


def remedies_of(matches: Sequence[Match]) -> tuple[Remedy, ...]:
    """Return what to do about the entries that are met, the likeliest first.

    Where each follows from another failure, the first is told if the text does not show that
    one. A general entry is not told where a particular one explains the same lines.
    """
    chosen = [match for match in matches if not match.is_consequence] or [
        match for match in matches[:1] if not match.follows
    ]
    told = [one for one in chosen if not any(_is_general_beside(one, other) for other in chosen)]
    return tuple(
        Remedy(entry=one.entry.id, title=one.entry.title, fix=one.entry.fix) for one in told[:MOST]
    )


def _is_general_beside(match: Match, other: Match) -> bool:
    """Say whether another entry explains the lines of this one by what else the text says."""
    lines = {line for hit in match.telling for line in hit.lines}
    theirs = {line for hit in other.telling if hit.signature.also for line in hit.lines}
    return match.decides and match.particularity < other.particularity and lines <= theirs
