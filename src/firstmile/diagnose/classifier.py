"""The classifier: words and clues of a report in, probabilities of codes out; NumPy alone."""

import io
import math
import zipfile
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
import numpy.typing as npt

from firstmile.diagnose.clues import find_clues
from firstmile.diagnose.wording import count_words

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

ARTEFACT: Final = "classifier.npz"
PARTS: Final = ("symptom", "cause", "stage", "symptom_leaf")
"""What is told apart: the classes of each axis, and the leaves of the symptom."""


@dataclass(frozen=True, eq=False, slots=True)
class Vector:
    """A report as the classifier sees it: features by index, and each one's value."""

    indices: IntArray
    values: FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class Shelf:
    """Many reports as vectors, one behind the other: report i begins at `starts[i]`."""

    ids: tuple[str, ...]
    starts: IntArray
    indices: IntArray
    values: FloatArray

    @classmethod
    def of(cls, vectors: Mapping[str, Vector]) -> "Shelf":
        """Put vectors on a shelf, in their order; one without features cannot be found."""
        kept = {name: vector for name, vector in vectors.items() if len(vector.indices)}
        nothing = Vector(np.zeros(0, dtype=np.intp), np.zeros(0))
        sizes = [len(vector.indices) for vector in kept.values()]
        return cls(
            tuple(kept),
            np.cumsum([0, *sizes], dtype=np.intp)[:-1],
            np.concatenate([nothing.indices, *(vector.indices for vector in kept.values())]),
            np.concatenate([nothing.values, *(vector.values for vector in kept.values())]),
        )

    def nearest(
        self, vector: Vector, *, size: int, most: int, without: Collection[str] = ()
    ) -> list[tuple[str, float]]:
        """Return the likest reports with their cosine, 0 to 1, the likest first.

        `size` is how many features there are; words and clues have length 1 each, hence the
        half.
        """
        if not self.ids:
            return []
        asked = np.zeros(size)
        asked[vector.indices] = vector.values
        cosines = np.add.reduceat(asked[self.indices] * self.values, self.starts) / 2
        order = np.lexsort((np.arange(len(self.ids)), -cosines))[: most + len(without)]
        found = [(self.ids[place], float(cosines[place])) for place in order.tolist()]
        return [(name, cosine) for name, cosine in found if name not in without][:most]


@dataclass(frozen=True, eq=False, slots=True)
class Features:
    """The words and clues that are known, with their inverse document frequencies.

    A word's value is (1 + ln count) times that, a clue's is that alone; words and clues are
    each scaled to length 1, so both weigh the same. Salton and Buckley (1988), Information
    Processing and Management 24(5), "term-weighting approaches".
    """

    words: Mapping[str, int]
    clues: Mapping[str, int]
    frequencies: FloatArray

    def places(self, text: str) -> list[int]:
        """Return the indices of the features that a text has, in no order."""
        words = [self.words[word] for word in count_words(text) if word in self.words]
        return words + [self.clues[clue] for clue in find_clues(text) if clue in self.clues]

    def vector(self, text: str) -> Vector:
        """Return the features of a text, in order of their indices."""
        counts = count_words(text)
        words = sorted((self.words[word], n) for word, n in counts.items() if word in self.words)
        clues = sorted(self.clues[clue] for clue in find_clues(text) if clue in self.clues)
        places = np.array([place for place, _ in words], dtype=np.intp)
        own = np.array([1 + math.log(n) for _, n in words]) * self.frequencies[places]
        marks = np.array(clues, dtype=np.intp)
        others = self.frequencies[marks]
        return Vector(np.concatenate((places, marks)), np.concatenate((_unit(own), _unit(others))))


def _unit(values: FloatArray) -> FloatArray:
    length = float(np.sqrt(values @ values))
    return values / length if length > 0 else values


@dataclass(frozen=True, eq=False, slots=True)
class Linear:
    """Multinomial logistic regression over codes: weights (features, codes), bias (codes,)."""

    codes: tuple[str, ...]
    weights: npt.NDArray[np.float32]
    bias: FloatArray

    def probabilities(self, vector: Vector) -> FloatArray:
        """Return the probability of each code."""
        return softmax(self.bias + vector.values @ self.weights[vector.indices])

    def pull(self, vector: Vector, code: str) -> FloatArray:
        """Return how much each feature of a report draws it to a code rather than the others."""
        own = self.weights[vector.indices]
        chances = self.probabilities(vector)
        mean: FloatArray = own @ chances
        pulled: FloatArray = vector.values * (own[:, self.codes.index(code)] - mean)
        return pulled


@dataclass(frozen=True, eq=False, slots=True)
class Classifier:
    """Everything that was learnt from labelled reports.

    `causes_of` (symptom leaves, cause classes) is how often which cause led to what was seen,
    smoothed; `cause_shares` gives, per symptom class and cause leaf, the share of the leaf
    among those of its class. `cases` are the reports of the casebook as vectors.
    `training_sha256` is of the texts and labels it was trained with.
    """

    features: Features
    parts: Mapping[str, Linear]
    causes_of: FloatArray
    cause_leaves: tuple[str, ...]
    cause_shares: FloatArray
    cases: Shelf
    training_sha256: str


def softmax(scores: FloatArray) -> FloatArray:
    """Return the probabilities that belong to scores."""
    raised = np.exp(scores - scores.max())
    return np.asarray(raised / raised.sum(), dtype=np.float64)


def pack(classifier: Classifier) -> bytes:
    """Write a classifier as npz: arrays only, the same bytes for the same numbers."""
    features = classifier.features
    arrays: dict[str, npt.NDArray[np.generic]] = {
        "words": _blob(features.words),
        "clues": _blob(features.clues),
        "frequencies": features.frequencies.astype(np.float32),
        "causes_of": classifier.causes_of.astype(np.float32),
        "cause_leaves": _blob(classifier.cause_leaves),
        "cause_shares": classifier.cause_shares.astype(np.float32),
        "case_ids": _blob(classifier.cases.ids),
        "case_starts": classifier.cases.starts.astype(np.int32),
        "case_indices": classifier.cases.indices.astype(np.int32),
        "case_values": classifier.cases.values.astype(np.float16),
        "training_sha256": _blob((classifier.training_sha256,)),
    }
    for name, part in classifier.parts.items():
        arrays[f"{name}_codes"] = _blob(part.codes)
        arrays[f"{name}_weights"] = part.weights.astype(np.float16)
        arrays[f"{name}_bias"] = part.bias.astype(np.float32)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as held:
        for name, array in arrays.items():
            one = io.BytesIO()
            np.lib.format.write_array(one, array, allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            held.writestr(entry, one.getvalue(), compress_type=zipfile.ZIP_DEFLATED)
    return written.getvalue()


def unpack(data: bytes) -> Classifier:
    """Read a classifier from npz; nothing in it is ever unpickled."""
    with np.load(io.BytesIO(data), allow_pickle=False) as held:
        arrays = {name: held[name] for name in held.files}
    words, clues = _texts(arrays["words"]), _texts(arrays["clues"])
    return Classifier(
        features=Features(
            words={word: place for place, word in enumerate(words)},
            clues={clue: place for place, clue in enumerate(clues, start=len(words))},
            frequencies=arrays["frequencies"].astype(np.float64),
        ),
        parts={
            name: Linear(
                _texts(arrays[f"{name}_codes"]),
                arrays[f"{name}_weights"].astype(np.float32),
                arrays[f"{name}_bias"].astype(np.float64),
            )
            for name in PARTS
        },
        causes_of=arrays["causes_of"].astype(np.float64),
        cause_leaves=_texts(arrays["cause_leaves"]),
        cause_shares=arrays["cause_shares"].astype(np.float64),
        cases=Shelf(
            _texts(arrays["case_ids"]),
            arrays["case_starts"].astype(np.intp),
            arrays["case_indices"].astype(np.intp),
            arrays["case_values"].astype(np.float64),
        ),
        training_sha256=_texts(arrays["training_sha256"])[0],
    )


@cache
def load_classifier() -> Classifier:
    """Read the packaged classifier; the result is shared and never changes."""
    return unpack((files("firstmile.diagnose") / ARTEFACT).read_bytes())


def _blob(texts: Iterable[str]) -> npt.NDArray[np.uint8]:
    return np.frombuffer("\n".join(texts).encode(), dtype=np.uint8)


def _texts(blob: npt.NDArray[np.uint8]) -> tuple[str, ...]:
    return tuple(blob.tobytes().decode().split("\n")) if len(blob) else ()
