"""What labels must be before they are recorded, whether a page sends them or a file holds them."""

from typing import Final, NamedTuple

from firstmile.study.decisions import LabelValue
from firstmile.study.reading.quoting import shown
from firstmile.taxonomy import Axis, Taxonomy

LONGEST: Final = 4_000
"""Characters of a quote or a note at most."""


class Unfit(NamedTuple):
    """What keeps labels from being recorded: the field that is wrong, and a sentence."""

    field: str
    problem: str


def unfit(value: LabelValue, codebook: Taxonomy, *, ecosystem: str) -> Unfit | None:
    """Return the first thing that keeps labels from being recorded; None where nothing does.

    Each axis has a term of the codebook that can apply in the study's ecosystem, or else is said
    to be one that cannot be told: an axis that was left blank would read as a verdict.
    """
    for name in ("quote", "note"):
        if len(getattr(value, name)) > LONGEST:
            return Unfit(name, f"A quote or note is longer than {LONGEST:,} characters.")
    for axis in Axis:
        code = getattr(value, axis.value)
        if (code is None) != (axis.value in value.cannot_tell):
            return Unfit(axis.value, f"The {axis.value} needs a term, or else “cannot tell”.")
        if code is None:
            continue
        term = codebook.by_code.get(code)
        if term is None or term.axis is not axis:
            return Unfit(axis.value, f"{shown(code[:80])} is no {axis.value} of the codebook.")
        if ecosystem and ecosystem in term.not_applicable:
            return Unfit(axis.value, f"{term.label} cannot apply in this study's ecosystem.")
    if not set(value.cannot_tell) <= {axis.value for axis in Axis}:
        return Unfit("cannot_tell", "Only symptom, cause and stage can be “cannot tell”.")
    return None
