"""Weighing: what the classifier and the entries say of a report, as one probability a code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from firstmile.diagnose.classifier import Classifier, FloatArray, Vector
from firstmile.knowledge import Match
from firstmile.taxonomy import Axis, load_taxonomy

_LEAST: Final = 1e-6
AXES: Final = (Axis.SYMPTOM, Axis.CAUSE, Axis.STAGE)
MOST_MATCHES: Final = 3
"""Entries that have a say; the ones after these are other entries' company."""


@cache
def family_of(code: str) -> str:
    """Return the class of a code."""
    return code.split("/")[0]


@dataclass(frozen=True, slots=True)
class Trust:
    """The share of the probability that an entry draws to its own code, by what speaks for it."""

    deciding: float
    hinting: float
    following: float

    def of(self, match: Match) -> float:
        """Return the share for one match."""
        if not match.decides:
            return self.hinting
        return self.following if match.is_consequence else self.deciding


TRUST: Final = {
    Axis.SYMPTOM: Trust(0.9, 0.6, 0.1),
    Axis.CAUSE: Trust(0.55, 0.35, 0.1),
    Axis.STAGE: Trust(0.2, 0.1, 0.0),
}
"""How often entries of each kind are right, rounded down, by the evaluation in the docs."""

SYMPTOM_COUNTS: Final = 0.5
"""The power with which the causes known of the symptom enter the cause's probability."""

TEMPERATURE: Final = {Axis.SYMPTOM: 0.75, Axis.CAUSE: 1.2, Axis.STAGE: 0.75}
"""What the logarithms are divided by, so that probabilities are what they say; see the docs."""

DECIDEDNESS: Final = 2.0
"""The power to which a leaf's weight among its siblings is raised: a class of many leaves, each of
which may be meant, would else stand behind one that has few."""


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """Probabilities by code: `classes` by axis, `leaves` by axis; each adds up to 1."""

    classes: Mapping[Axis, Mapping[str, float]]
    leaves: Mapping[Axis, Mapping[str, float]]

    def best(self, axis: Axis) -> tuple[str, float]:
        """Return the likeliest class of an axis, with its probability."""
        return max(self.classes[axis].items(), key=lambda pair: (pair[1], pair[0]))


def weigh(vector: Vector, matches: Sequence[Match], classifier: Classifier) -> Weights:
    """Weigh a report, given as features and as the entries it meets (the likeliest first).

    The classifier's probabilities of the cause are multiplied by how often that cause led to
    such symptoms. Each entry then draws a share of the probability to its own code, the first
    entry last, so that it counts most. A report without anything known has equal ones.
    """
    chosen = matches[:MOST_MATCHES]
    if not len(vector.indices) and not chosen:
        return _equal(classifier)
    parts = classifier.parts
    raw = {axis: parts[axis.value].probabilities(vector) for axis in AXES}
    finer = parts["symptom_leaf"].codes
    leaf = parts["symptom_leaf"].probabilities(vector)
    for match in reversed(chosen):
        trust = TRUST[Axis.SYMPTOM].of(match)
        leaf = _drawn(leaf, finer, match.entry.classification.symptom, trust)
    expected = leaf @ classifier.causes_of
    raw[Axis.CAUSE] = _normal(raw[Axis.CAUSE] * expected**SYMPTOM_COUNTS)
    classes = {}
    for axis in AXES:
        codes, chances = parts[axis.value].codes, raw[axis]
        for match in reversed(chosen):
            code = getattr(match.entry.classification, axis.value)
            if code is not None:
                chances = _drawn(chances, codes, family_of(code), TRUST[axis].of(match))
        chances = _normal(chances ** (1 / TEMPERATURE[axis]))
        classes[axis] = dict(zip(codes, chances.tolist(), strict=True))
    symptoms = classes[Axis.SYMPTOM]
    shares = np.array([symptoms[code] for code in parts["symptom"].codes])
    causes = dict(
        zip(classifier.cause_leaves, (shares @ classifier.cause_shares).tolist(), strict=True)
    )
    for match in reversed(chosen):
        causes = _drawn_within(
            causes, match.entry.classification.cause, TRUST[Axis.CAUSE].of(match)
        )
    leaves = {
        Axis.SYMPTOM: _leaves(dict(zip(finer, leaf.tolist(), strict=True)), symptoms),
        Axis.CAUSE: _leaves(causes, classes[Axis.CAUSE]),
        Axis.STAGE: classes[Axis.STAGE],
    }
    return Weights(classes, leaves)


def _equal(classifier: Classifier) -> Weights:
    classes = {}
    for axis in AXES:
        codes = classifier.parts[axis.value].codes
        classes[axis] = dict.fromkeys(codes, 1 / len(codes))
    leaves = {axis: _leaves({}, classes[axis]) for axis in (Axis.SYMPTOM, Axis.CAUSE)}
    return Weights(classes, leaves | {Axis.STAGE: classes[Axis.STAGE]})


def _normal(values: FloatArray) -> FloatArray:
    return np.asarray(values / values.sum(), dtype=np.float64)


def _drawn(chances: FloatArray, codes: Sequence[str], code: str | None, share: float) -> FloatArray:
    """Move a share of the probability to one code; one that the classifier lacks moves nothing."""
    if code is None or code not in codes:
        return chances
    moved: FloatArray = (1 - share) * chances
    moved[codes.index(code)] += share
    return moved


def _drawn_within(chances: dict[str, float], code: str | None, share: float) -> dict[str, float]:
    """Move a share of the probability of a leaf's class to that leaf."""
    if code is None or code not in chances:
        return chances
    family = family_of(code)
    total = sum(value for leaf, value in chances.items() if family_of(leaf) == family)
    moved = {
        leaf: value * (1 - share) if family_of(leaf) == family else value
        for leaf, value in chances.items()
    }
    moved[code] += share * total
    return moved


def _leaves(weights: Mapping[str, float], classes: Mapping[str, float]) -> dict[str, float]:
    """Give each leaf its class's probability times its share of the class's weight."""
    totals = dict.fromkeys(classes, 0.0)
    sharp = {
        leaf: (weights.get(leaf, 0.0) + _LEAST) ** DECIDEDNESS
        for leaf in leaf_codes(tuple(classes))
    }
    for leaf, value in sharp.items():
        totals[family_of(leaf)] += value
    return {
        leaf: classes[family_of(leaf)] * value / totals[family_of(leaf)]
        for leaf, value in sharp.items()
    }


@cache
def leaf_codes(classes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the codes without finer ones below some classes, in codebook order."""
    terms = load_taxonomy().terms
    parents = {term.parent for term in terms}
    return tuple(
        term.code for term in terms if term.code not in parents and family_of(term.code) in classes
    )
