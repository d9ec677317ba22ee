"""The classifier: words and clues of a report in, probabilities of codes out; no library."""

import math
import struct
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from heapq import nlargest
from importlib.resources import files
from itertools import accumulate, pairwise
from operator import add, mul
from typing import Final

from firstmile.diagnose.clues import find_clues
from firstmile.diagnose.packing import Halves, Packed, array, lines, packed
from firstmile.diagnose.wording import count_words

ARTEFACT: Final = "classifier.safetensors"
PARTS: Final = ("symptom", "cause", "stage", "symptom_leaf")
"""What is told apart: the classes of each axis, and the leaves of the symptom."""

Numbers = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Vector:
    """A report as the classifier sees it: features by index, and each one's value."""

    indices: tuple[int, ...]
    values: Numbers


@dataclass(frozen=True, eq=False, slots=True)
class Shelf:
    """Many reports as vectors, one behind the other.

    Report i has the features `indices[starts[i] : starts[i + 1]]` out of `size`, with `values` in
    half precision.
    """

    ids: tuple[str, ...]
    starts: tuple[int, ...]
    indices: tuple[int, ...]
    values: bytes
    size: int

    @classmethod
    def of(cls, vectors: Mapping[str, Vector], size: int) -> "Shelf":
        """Put vectors of so many features on a shelf, in their order.

        One without features cannot be found.
        """
        kept = {name: vector for name, vector in vectors.items() if vector.indices}
        values = [value for vector in kept.values() for value in vector.values]
        return cls(
            tuple(kept),
            tuple(accumulate((len(vector.indices) for vector in kept.values()), initial=0)),
            tuple(place for vector in kept.values() for place in vector.indices),
            struct.pack(f"<{len(values)}e", *values),
            size,
        )

    def nearest(
        self, vector: Vector, *, most: int, without: Collection[str] = ()
    ) -> list[tuple[str, float]]:
        """Return the likest reports with their cosine, 0 to 1, the likest first."""
        found = self._largest(vector, most + len(without)) if self.ids else []
        named = [(self.ids[place], cosine) for place, cosine in found]
        return [(name, cosine) for name, cosine in named if name not in without][:most]

    def _largest(self, vector: Vector, most: int) -> list[tuple[int, float]]:
        cosines = self.cosines(vector)
        chosen = nlargest(most, range(len(cosines)), cosines.__getitem__)
        return [(place, cosines[place]) for place in chosen]

    def cosines(self, vector: Vector) -> Sequence[float]:
        """Return the cosine of each report; words and clues have length 1 each, hence the half."""
        asked = [0.0] * self.size
        for place, value in zip(vector.indices, vector.values, strict=True):
            asked[place] = value
        values = struct.unpack(f"<{len(self.indices)}e", self.values)
        products = list(map(mul, map(asked.__getitem__, self.indices), values))
        return [sum(products[start:end]) / 2 for start, end in pairwise(self.starts)]


@dataclass(frozen=True, eq=False, slots=True)
class Features:
    """The words and clues that are known, with their inverse document frequencies.

    A word's value is (1 + ln count) times that, a clue's is that alone; words and clues are
    each scaled to length 1, so both weigh the same. Salton and Buckley (1988), Information
    Processing and Management 24(5), "term-weighting approaches".
    """

    words: Mapping[str, int]
    clues: Mapping[str, int]
    frequencies: Numbers

    def places(self, text: str) -> list[int]:
        """Return the indices of the features that a text has, in no order."""
        words = [self.words[word] for word in count_words(text) if word in self.words]
        return words + [self.clues[clue] for clue in find_clues(text) if clue in self.clues]

    def vector(self, text: str) -> Vector:
        """Return the features of a text, in order of their indices."""
        place_of = self.words.get
        counts = {
            place: n
            for word, n in count_words(text).items()
            if (place := place_of(word)) is not None
        }
        return self.vector_of(counts, find_clues(text))

    def vector_of(self, counts: Mapping[int, int], clues: Collection[str]) -> Vector:
        """Return a vector of words, counted by index, and of the names of clues."""
        return self.scaled(self.values(counts), clues)

    def values(self, counts: Mapping[int, int]) -> dict[int, float]:
        """Return the value of each word, not scaled, as often as it stands in a text."""
        weight, rising = self.frequencies, _RISING
        return {
            place: (rising[n] if n < _OFTEN else 1 + math.log(n)) * weight[place]
            for place, n in counts.items()
        }

    def scaled(self, values: Mapping[int, float], clues: Collection[str]) -> Vector:
        """Return a vector of words, whose values are given, and of the names of clues."""
        words = sorted(values)
        marks = sorted(self.clues[clue] for clue in clues if clue in self.clues)
        own = _unit([values[place] for place in words])
        others = _unit([self.frequencies[place] for place in marks])
        return Vector((*words, *marks), (*own, *others))


_OFTEN: Final = 64
_RISING: Final = (0.0, *(1 + math.log(count) for count in range(1, _OFTEN)))


def _unit(values: Sequence[float]) -> Sequence[float]:
    length = math.sqrt(sum(map(mul, values, values)))
    return [value / length for value in values] if length > 0 else values


@dataclass(frozen=True, eq=False, slots=True)
class Classifier:
    """Everything that was learnt from labelled reports.

    `codes` are those of each part, whose `weights` (features, all codes) and `bias` stand one part
    after the other: multinomial logistic regressions. `causes_of` (symptom leaves, cause
    classes) is how often which cause leads to symptoms of that class; `cause_shares` gives, per
    symptom class and cause leaf, the share of the leaf among those of its class. `cases` are
    the reports of the casebook as vectors. `training_sha256` is of the texts and labels it was
    trained with.
    """

    features: Features
    codes: Mapping[str, tuple[str, ...]]
    weights: Halves
    bias: Numbers
    causes_of: tuple[Numbers, ...]
    cause_leaves: tuple[str, ...]
    cause_shares: tuple[Numbers, ...]
    cases: Shelf
    training_sha256: str

    def probabilities(self, vector: Vector) -> dict[str, list[float]]:
        """Return for each part the probability of each of its codes."""
        return self.chances(self.drawn(vector.indices, vector.values))

    def drawn(self, features: Sequence[int], values: Sequence[float]) -> list[float]:
        """Return how much features draw to each code of all parts, without the bias."""
        if not features:
            return [0.0] * self.weights.width
        columns = zip(*map(self.weights.__getitem__, features), strict=True)
        return [sum(map(mul, column, values)) for column in columns]

    def chances(self, drawn: Sequence[float]) -> dict[str, list[float]]:
        """Return for each part the probabilities that belong to what draws to its codes."""
        scores = list(map(add, self.bias, drawn))
        found, at = {}, 0
        for part, codes in self.codes.items():
            found[part] = softmax(scores[at : at + len(codes)])
            at += len(codes)
        return found

    def place_of(self, part: str) -> int:
        """Return where the codes of a part begin among all."""
        names = list(self.codes)
        return sum(len(self.codes[name]) for name in names[: names.index(part)])

    def pull(self, vector: Vector, part: str, code: str, chances: Sequence[float]) -> list[float]:
        """Return how much each feature of a report draws it to a code rather than the others.

        `chances` are the probabilities of the part's codes in that report.
        """
        at = self.place_of(part)
        own = self.codes[part].index(code)
        found = []
        for place, value in zip(vector.indices, vector.values, strict=True):
            row = self.weights[place][at : at + len(chances)]
            found.append(value * (row[own] - sum(map(mul, row, chances))))
        return found


def softmax(scores: Sequence[float]) -> list[float]:
    """Return the probabilities that belong to scores."""
    highest = max(scores)
    raised = [math.exp(score - highest) for score in scores]
    total = sum(raised)
    return [each / total for each in raised]


def pack(classifier: Classifier) -> bytes:
    """Write a classifier as safetensors: arrays only, the same bytes for the same numbers."""
    features, cases = classifier.features, classifier.cases
    leaves, causes = len(classifier.causes_of), len(classifier.codes["cause"])
    shares = (len(classifier.cause_shares), len(classifier.cause_leaves))
    rows = (len(features.frequencies), classifier.weights.width)
    return packed(
        {
            "frequencies": array("F32", features.frequencies),
            "causes_of": array("F32", _flat(classifier.causes_of), (leaves, causes)),
            "cause_shares": array("F32", _flat(classifier.cause_shares), shares),
            "bias": array("F32", classifier.bias),
            "case_starts": array("U32", cases.starts),
            "case_indices": array("U32", cases.indices),
            "case_values": ("F16", (len(cases.indices),), cases.values),
            "weights": ("F16", rows, classifier.weights.data),
            "words": lines(features.words),
            "clues": lines(features.clues),
            "cause_leaves": lines(classifier.cause_leaves),
            "case_ids": lines(cases.ids),
            "training_sha256": lines((classifier.training_sha256,)),
            **{f"{part}_codes": lines(codes) for part, codes in classifier.codes.items()},
        }
    )


def _flat(rows: Sequence[Sequence[float]]) -> list[float]:
    return [number for row in rows for number in row]


def unpack(data: bytes) -> Classifier:
    """Read a classifier; nothing in it is ever unpickled."""
    held = Packed(data)
    words, clues = held.texts("words"), held.texts("clues")
    codes = {part: held.texts(f"{part}_codes") for part in PARTS}
    return Classifier(
        features=Features(
            words={word: place for place, word in enumerate(words)},
            clues={clue: place for place, clue in enumerate(clues, start=len(words))},
            frequencies=held.numbers("frequencies"),
        ),
        codes=codes,
        weights=Halves(held.bytes_of("weights"), sum(map(len, codes.values()))),
        bias=held.numbers("bias"),
        causes_of=held.rows("causes_of"),
        cause_leaves=held.texts("cause_leaves"),
        cause_shares=held.rows("cause_shares"),
        cases=Shelf(
            held.texts("case_ids"),
            held.integers("case_starts"),
            held.integers("case_indices"),
            bytes(held.bytes_of("case_values")),
            len(words) + len(clues),
        ),
        training_sha256=held.texts("training_sha256")[0],
    )


@cache
def load_classifier() -> Classifier:
    """Read the packaged classifier; the result is shared and never changes."""
    return unpack((files("firstmile.diagnose") / ARTEFACT).read_bytes())
