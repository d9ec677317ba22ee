"""Similar cases: which of the nearest in words are worth reading beside an answer.

Words alone bring together what only looks alike: two tracebacks through the same library have many
in common. So a case must also be of the same kind: told by the same entry, or of the symptom and a
cause that are likely here.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from firstmile.diagnose.hypotheses import Hypothesis, Similar
from firstmile.diagnose.weighing import family_of
from firstmile.knowledge import Case, Match
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


def worth_reading(
    nearest: "Iterable[tuple[Case | CaseHead, float]]",
    leaves: Mapping[Axis, Sequence[Hypothesis]],
    matches: Sequence[Match],
) -> tuple[Similar, ...]:
    """Choose among cases with their cosines: the nearest in kind first, then in words."""
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
            chosen.append((-kin, -cosine, case))
    chosen.sort(key=lambda one: one[:2])
    return tuple(_similar(case, -cosine) for _, cosine, case in chosen[:MOST])


def _similar(case: "Case | CaseHead", similarity: float) -> Similar:
    return Similar(
        id=case.id,
        url=case.url,
        title=case.title,
        similarity=similarity,
        outcome=case.outcome.value,
        resolution=case.resolution,
    )
