"""Weighing: what the classifier and the entries say of a report, as one probability a code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from operator import mul
from typing import Final

from firstmile.diagnose.classifier import Classifier
from firstmile.diagnose.hypotheses import GROUNDED
from firstmile.diagnose.tallying import Chances
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
        if match.follows:
            return 0.0
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

DECIDEDNESS: Final = (2.0, 3.0, 4.0, 6.0, 9.0)
"""The powers to which a leaf's weight among its siblings is raised: the first by which a leaf of
the likeliest class stands before all others. A class of many leaves, each of which may be meant,
would else stand behind one that has few."""


class Weights:
    """Probabilities by code: of the classes of each axis, and of its leaves; each adds up to 1.

    Each is worked out when it is asked for: most are asked for one axis alone, to see whether
    some lines speak for a class.
    """

    def __init__(
        self, chances: Chances | None, matches: Sequence[Match], classifier: Classifier
    ) -> None:
        """Take what `weigh` takes."""
        self._chosen = matches[:MOST_MATCHES]
        self._is_empty = chances is None and not self._chosen
        self._chances = chances or classifier.chances([0.0] * len(classifier.bias))
        self._classifier = classifier
        self._classes: dict[Axis, Mapping[str, float]] = {}
        self._leaves: dict[Axis, Mapping[str, float]] = {}

    def classes(self, axis: Axis) -> Mapping[str, float]:
        """Return the probability of each class of an axis."""
        found = self._classes.get(axis)
        if found is None:
            codes = self._classifier.codes[axis.value]
            if self._is_empty:
                found = dict.fromkeys(codes, 1 / len(codes))
            else:
                said = self._causes if axis is Axis.CAUSE else self._chances[axis.value]
                found = _class_weights(axis, said, self._chosen, codes)
            self._classes[axis] = found
        return found

    def leaves(self, axis: Axis) -> Mapping[str, float]:
        """Return the probability of each leaf of an axis; a stage has none but itself."""
        if axis is Axis.STAGE:
            return self.classes(axis)
        found = self._leaves.get(axis)
        if found is None:
            found = self._leaves[axis] = _leaves(self._said_of_leaves(axis), self.classes(axis))
        return found

    def best(self, axis: Axis) -> tuple[str, float]:
        """Return the likeliest class of an axis, with its probability."""
        return max(self.classes(axis).items(), key=lambda pair: (pair[1], pair[0]))

    def _said_of_leaves(self, axis: Axis) -> Mapping[str, float]:
        if self._is_empty:
            return {}
        if axis is Axis.SYMPTOM:
            return dict(zip(self._classifier.codes["symptom_leaf"], self._finer, strict=True))
        symptoms = self.classes(Axis.SYMPTOM)
        shares = [symptoms[code] for code in self._classifier.codes["symptom"]]
        codes = self._classifier.cause_leaves
        mixed = _at_stage(
            codes, _mixed(shares, self._classifier.cause_shares), self.classes(Axis.STAGE)
        )
        causes = dict(zip(codes, mixed, strict=True))
        for match in reversed(self._chosen):
            trust = TRUST[Axis.CAUSE].of(match)
            causes = _drawn_within(causes, match.entry.classification.cause, trust)
        return causes

    @cached_property
    def _finer(self) -> Sequence[float]:
        """What is said of each leaf of the symptom."""
        codes = self._classifier.codes["symptom_leaf"]
        finer = _at_stage(codes, self._chances["symptom_leaf"], self.classes(Axis.STAGE))
        for match in reversed(self._chosen):
            trust = TRUST[Axis.SYMPTOM].of(match)
            finer = _drawn(finer, codes, match.entry.classification.symptom, trust)
        return finer

    @cached_property
    def _causes(self) -> Sequence[float]:
        """What is said of each class of causes, once the symptom has its say."""
        expected = _mixed(self._finer, self._classifier.causes_of)
        said = self._chances[Axis.CAUSE.value]
        return _normal(
            [one * other**SYMPTOM_COUNTS for one, other in zip(said, expected, strict=True)]
        )


def weigh(chances: Chances | None, matches: Sequence[Match], classifier: Classifier) -> Weights:
    """Weigh what the classifier says of a report and the entries it meets (the likeliest first).

    `chances` is None where the report has nothing that the classifier knows. The classifier's
    probabilities of the cause are multiplied by how often that cause led to such symptoms. Each
    entry then draws a share of the probability to its own code, the first entry last, so that
    it counts most. A report without anything known has equal ones.
    """
    return Weights(chances, matches, classifier)


def drawn_to_symptom(chances: Chances, code: str, classifier: Classifier) -> Chances:
    """Return what is said once a symptom that is likely for other reasons has its share."""
    share = TRUST[Axis.SYMPTOM].hinting
    parts = {"symptom": family_of(code), "symptom_leaf": code}
    drawn = {
        part: _drawn(chances[part], classifier.codes[part], one, share)
        for part, one in parts.items()
    }
    return {**chances, **drawn}


def _class_weights(
    axis: Axis, raw: Sequence[float], matches: Sequence[Match], codes: Sequence[str]
) -> dict[str, float]:
    """Return the classes of an axis with their probabilities, once entries have had their say."""
    for match in reversed(matches):
        code = getattr(match.entry.classification, axis.value)
        if code is not None:
            raw = _drawn(raw, codes, family_of(code), TRUST[axis].of(match))
    power = 1 / TEMPERATURE[axis]
    return dict(zip(codes, _normal([one**power for one in raw]), strict=True))


def _at_stage(
    codes: Sequence[str], chances: Sequence[float], stages: Mapping[str, float]
) -> Sequence[float]:
    """Return how likely codes are, a code whose name tells of a stage as likely as that stage.

    A fine-tuning process is not stuck while a model answers.
    """
    told = _stages_told()
    return _normal(
        [
            chance * (stages[told[code]] + _LEAST) if code in told else chance
            for code, chance in zip(codes, chances, strict=True)
        ]
    )


@cache
def _stages_told() -> Mapping[str, str]:
    """Return the codes whose names tell of a stage, with that stage."""
    return {term.code: term.stage for term in load_taxonomy().terms if term.stage is not None}


def _normal(values: Sequence[float]) -> list[float]:
    total = sum(values)
    return [value / total for value in values]


def _mixed(shares: Sequence[float], rows: Sequence[Sequence[float]]) -> list[float]:
    """Return rows added up, each by its share."""
    return [sum(map(mul, shares, column)) for column in zip(*rows, strict=True)]


def _drawn(
    chances: Sequence[float], codes: Sequence[str], code: str | None, share: float
) -> Sequence[float]:
    """Move a share of the probability to one code; one that the classifier lacks moves nothing."""
    if code is None or code not in codes:
        return chances
    moved = [(1 - share) * chance for chance in chances]
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
    """Give each leaf its class's probability times its share of the class's weight.

    Weights are raised to a power, which sharpens the shares.
    """
    families = _families(tuple(classes))
    get = weights.get
    plain = [[get(leaf, 0.0) + _LEAST for leaf in leaves] for _, leaves in families]
    likeliest = max(classes.values())
    found: list[tuple[Sequence[str], float, Sequence[float]]] = []
    for power in DECIDEDNESS:
        found.clear()
        highest, first = -1.0, ""
        for (family, leaves), own in zip(families, plain, strict=True):
            sharp = [value**power for value in own]
            scale = classes[family] / sum(sharp)
            found.append((leaves, scale, sharp))
            if (most := scale * max(sharp)) > highest:
                highest, first = most, family
        if classes[first] == likeliest:
            break
    return {
        leaf: scale * value
        for leaves, scale, sharp in found
        for leaf, value in zip(leaves, sharp, strict=True)
    }


def held_down_to_half(chances: Mapping[str, float], code: str) -> dict[str, float]:
    """Give a code one half, and the others the rest in their proportions, none more than it."""
    rest = 1 - chances[code]
    return {
        name: GROUNDED if name == code else min(value * (1 - GROUNDED) / rest, GROUNDED)
        for name, value in chances.items()
    }


def rescaled(
    leaves: Mapping[str, float], now: Mapping[str, float], before: Mapping[str, float]
) -> dict[str, float]:
    """Return leaves with the probabilities that their classes have now."""
    return {
        leaf: value * now[family_of(leaf)] / max(before[family_of(leaf)], 1e-12)
        for leaf, value in leaves.items()
    }


@cache
def _families(classes: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return classes with the leaves below them, in codebook order."""
    codes = leaf_codes(classes)
    families = dict.fromkeys(map(family_of, codes))
    return tuple(
        (family, tuple(code for code in codes if family_of(code) == family)) for family in families
    )


@cache
def leaf_codes(classes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the codes without finer ones below some classes, in codebook order."""
    terms = load_taxonomy().terms
    parents = {term.parent for term in terms}
    return tuple(
        term.code for term in terms if term.code not in parents and family_of(term.code) in classes
    )
