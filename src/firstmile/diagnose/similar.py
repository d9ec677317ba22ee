"""Similar cases: which of the nearest in words are worth reading beside an answer.

Words alone bring together what only looks alike: two tracebacks through the same library have many
in common. So a case must also be of the same kind: told by the same entry, or of the symptom and a
cause that are likely here. And there must be something to learn from it: of a thread whose answer
could not be read only the likeness would be told.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from firstmile.diagnose.hypotheses import Hypothesis, Similar
from firstmile.diagnose.weighing import family_of
from firstmile.knowledge import Case, Match
from firstmile.knowledge.cases import Outcome
from firstmile.taxonomy import Axis

if TYPE_CHECKING:
    from firstmile.knowledge.told import CaseHead

MOST: Final = 3
SOUGHT: Final = 24
"""The nearest cases, among which those are chosen that are worth reading."""
LIKELY: Final = 0.2
"""A cause from here on counts beside the likeliest."""
MOST_ENTRIES: Final = 3

ALIKE: Final = (0.45, 0.2, 0.12)
"""Cosine from which a case is worth reading: one that shares the class of the symptom alone, one
of the same symptom and a likely cause, and one from which an entry that is met was written."""

ENDED: Final = frozenset((Outcome.RESOLVED, Outcome.WORKED_AROUND))
"""Outcomes of threads that tell a way out."""
LEAST_WORDS: Final = 8
"""Words beside those on what is not known, from which on a thread without an end says something."""

_CLAUSES: Final = re.compile(r"[;:]\s|\.(?:\s|\Z)|, (?:and|but|so|which|though|nothing|not)\b")
_WORD: Final = re.compile(r"[A-Za-z0-9_]+")
_NOT_KNOWN: Final = re.compile(
    r"(?i:(?:could|can) ?(?:n't|not) be (?:read|seen)|\bcould be read|\bpart read\b"
    r"|\b(?:is|was|were|are)(?:n't| not) (?:in|among|told|known|visible|reported)\b"
    r"|\A\W*(?:(?:and|but) )?no (?:\w+ ){0,2}(?:outcome|result|cure|answer|fix|confirmation|cause"
    r"|solution|reply|end|explanation)s?\b"
    r"|\bnobody answered|\bnothing (?:on|in) (?:a|an|the|it|what)\b"
    r"|\bclosed\b|\b(?:issue|thread|report) (?:is|was|stayed) (?:still )?(?:open|pending)"
    r"|\b(?:carries the|with the) labels?\b|\blabelled (?:it )?a bug)"
)
"""What is said of a thread's end that was not read, or not there."""


def worth_reading(
    nearest: "Iterable[tuple[Case | CaseHead, float]]",
    leaves: Mapping[Axis, Sequence[Hypothesis]],
    matches: Sequence[Match],
) -> tuple[Similar, ...]:
    """Choose among cases with their cosines: the nearest in kind first, then in words.

    Of the same symptom and a likely cause those whose threads ended with a way out come first.
    """
    symptom = leaves[Axis.SYMPTOM][0].code
    first, *others = leaves[Axis.CAUSE]
    causes = {first.code, *(one.code for one in others if one.probability >= LIKELY)}
    entries = [match.entry for match in matches if match.decides][:MOST_ENTRIES]
    reports = {url for entry in entries for url in entry.written_from}
    chosen = []
    for case, cosine in nearest:
        given = case.classification
        if case.url in reports:
            kin = 2
        elif given.symptom == symptom and given.cause in causes:
            kin = 1
        elif family_of(given.symptom) == family_of(symptom):
            kin = 0
        else:
            continue
        if cosine >= ALIKE[kin]:
            has_end = case.outcome in ENDED
            if has_end or tells_something(case.resolution):
                chosen.append(((kin == 0, not has_end, -kin, -cosine), case))
    chosen.sort(key=lambda one: one[0])
    return tuple(_similar(case, -place[3]) for place, case in chosen[:MOST])


@lru_cache(1024)
def tells_something(resolution: str) -> bool:
    """Say whether a thread without a way out has more to tell than that its end is not known."""
    left = (clause for clause in _CLAUSES.split(resolution) if not _NOT_KNOWN.search(clause))
    return sum(len(_WORD.findall(clause)) for clause in left) >= LEAST_WORDS


def _similar(case: "Case | CaseHead", similarity: float) -> Similar:
    return Similar(
        id=case.id,
        url=case.url,
        title=case.title,
        similarity=similarity,
        outcome=case.outcome.value,
        resolution=case.resolution,
    )
