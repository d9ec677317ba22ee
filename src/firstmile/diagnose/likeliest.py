"""The likeliest leaves of an axis, as hypotheses in their order."""

from collections.abc import Mapping, Sequence
from typing import Final

from firstmile.diagnose.hypotheses import Hypothesis
from firstmile.diagnose.weighing import family_of
from firstmile.taxonomy import Axis, load_taxonomy

MOST_HYPOTHESES: Final = 10
EVEN: Final = 9
"""Decimals in which two leaves are equally likely; the one of the likelier class stands first."""


def ranked_leaves(
    chances: Mapping[str, float], axis: Axis, classes: Sequence[Hypothesis]
) -> tuple[Hypothesis, ...]:
    """Return the likeliest leaves, each with the evidence of its class."""
    taxonomy = load_taxonomy().by_code
    evidence = {one.code: one.evidence for one in classes}
    place = {one.code: number for number, one in enumerate(classes)}
    # The others need not be put in order.
    least = sorted(chances.values(), reverse=True)[:MOST_HYPOTHESES][-1] - 2 * 10**-EVEN
    order = sorted(
        (pair for pair in chances.items() if pair[1] >= least),
        key=lambda pair: (-round(pair[1], EVEN), place[family_of(pair[0])]),
    )[:MOST_HYPOTHESES]
    return tuple(
        Hypothesis(
            axis=axis,
            code=code,
            label=taxonomy[code].label,
            probability=value,
            evidence=evidence.get(family_of(code), ()),
        )
        for code, value in order
    )
