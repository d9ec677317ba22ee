"""Pairs of terms that raters part over most: where the codebook needs a better boundary rule."""

from collections import defaultdict
from collections.abc import Iterator
from enum import StrEnum
from itertools import combinations
from typing import Final

import msgspec

from firstmile.study.agreement.ratings import Ratings
from firstmile.taxonomy import Axis, Taxonomy

EXAMPLES: Final = 3
"""Issues named for each pair of terms."""


class Rule(StrEnum):
    """What the codebook says of two terms that were taken for each other.

    DIRECT: it has a rule between the two. ABOVE: only between terms above them. NONE: nothing.
    DEPTH: one lies below the other, so that raters differ in how far they went, not in kind.
    """

    DIRECT = "has a rule"
    ABOVE = "has a rule between the terms above"
    NONE = "has no rule"
    DEPTH = "one lies below the other"


class TermPair(msgspec.Struct, frozen=True, kw_only=True):
    """Two terms of an axis that were chosen for the same issues.

    `times` counts pairs of ratings. `mass` counts issues: each spreads a weight of one over all
    of its pairs of ratings, so that issues with many raters count no more than others. `share`
    is the part of all disagreement on the axis. `examples` are issues' addresses. The labels are
    the codebook's, or the code where it has lost the term.
    """

    first: str
    second: str
    first_label: str
    second_label: str
    times: int
    issues: int
    mass: float
    share: float
    rule: Rule
    examples: tuple[str, ...]


def disagreeing_terms(ratings: Ratings, axis: Axis, codebook: Taxonomy) -> tuple[TermPair, ...]:
    """Return all pairs of terms that raters disagreed over, the heaviest first."""
    by_issue: dict[str, list[str]] = defaultdict(list)
    for one in ratings.ratings:
        code = one.code(axis)
        if code is not None:
            by_issue[one.issue].append(code)
    times: dict[tuple[str, str], int] = defaultdict(int)
    masses: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for issue, codes in sorted(by_issue.items()):
        weight = 2 / (len(codes) * (len(codes) - 1)) if len(codes) > 1 else 0.0
        for pair in combinations(sorted(codes), 2):
            if pair[0] != pair[1]:
                times[pair] += 1
                masses[pair][issue] = masses[pair].get(issue, 0.0) + weight
    total = sum(sum(of_issue.values()) for of_issue in masses.values())
    pairs = [
        _pair(pair, times[pair], of_issue, total, codebook) for pair, of_issue in masses.items()
    ]
    return tuple(sorted(pairs, key=lambda each: (-each.mass, each.first, each.second)))


def _pair(
    codes: tuple[str, str],
    times: int,
    of_issue: dict[str, float],
    total: float,
    codebook: Taxonomy,
) -> TermPair:
    heaviest = sorted(of_issue, key=lambda issue: (-of_issue[issue], issue))
    mass = sum(of_issue.values())
    labels = [codebook.by_code[code].label if code in codebook.by_code else code for code in codes]
    return TermPair(
        first=codes[0],
        second=codes[1],
        first_label=labels[0],
        second_label=labels[1],
        times=times,
        issues=len(of_issue),
        mass=mass,
        share=mass / total,
        rule=rule_between(*codes, codebook),
        examples=tuple(heaviest[:EXAMPLES]),
    )


def rule_between(first: str, second: str, codebook: Taxonomy) -> Rule:
    """Say what the codebook has on the boundary between two terms."""
    if first.startswith(second + "/") or second.startswith(first + "/"):
        return Rule.DEPTH
    if _ruled(first, second, codebook):
        return Rule.DIRECT
    above = ((one, other) for one in _upward(first) for other in _upward(second))
    if any(one != other and _ruled(one, other, codebook) for one, other in above):
        return Rule.ABOVE
    return Rule.NONE


def _ruled(first: str, second: str, codebook: Taxonomy) -> bool:
    return any(
        rule.against == other
        for one, other in ((first, second), (second, first))
        if one in codebook.by_code
        for rule in codebook.by_code[one].boundary
    )


def _upward(code: str) -> Iterator[str]:
    """Yield a code and the codes above it."""
    while code:
        yield code
        code = code.rpartition("/")[0]
