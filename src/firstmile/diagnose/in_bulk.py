"""The classifier for many reports: the same numbers by NumPy, whose import takes as long as thirty.

A single report is answered sooner without it, a thousand are answered in half the time with it.
"""

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
import numpy.typing as npt

from firstmile.diagnose.classifier import Classifier, Shelf, Vector


class BulkShelf(Shelf):
    """A shelf that works out all cosines at once."""

    __slots__ = ("_begins", "_indices", "_values")
    _begins: npt.NDArray[np.intp]
    _indices: npt.NDArray[np.intp]
    _values: npt.NDArray[np.float64]

    def __init__(self, shelf: Shelf) -> None:
        """Take over a shelf."""
        super().__init__(**{each.name: getattr(shelf, each.name) for each in fields(Shelf)})
        object.__setattr__(self, "_indices", np.array(shelf.indices, dtype=np.intp))
        values = np.frombuffer(shelf.values, dtype="<f2").astype(np.float64)
        object.__setattr__(self, "_values", values)
        object.__setattr__(self, "_begins", np.array(shelf.starts[:-1], dtype=np.intp))

    def cosines(self, vector: Vector) -> Sequence[float]:
        """Return the cosine of each report."""
        found: list[float] = self._cosines(vector).tolist()
        return found

    def _largest(self, vector: Vector, most: int) -> list[tuple[int, float]]:
        cosines = self._cosines(vector)
        chosen = np.argsort(-cosines, kind="stable")[:most]
        return list(zip(chosen.tolist(), cosines[chosen].tolist(), strict=True))

    def _cosines(self, vector: Vector) -> npt.NDArray[np.float64]:
        asked = np.zeros(self.size)
        asked[list(vector.indices)] = vector.values
        products = asked.take(self._indices, mode="clip")
        products *= self._values
        found: npt.NDArray[np.float64] = np.add.reduceat(products, self._begins) / 2
        return found


class BulkClassifier(Classifier):
    """A classifier whose weights are one array."""

    __slots__ = ("_rows",)
    _rows: npt.NDArray[np.float64]

    def __init__(self, classifier: Classifier) -> None:
        """Take over a classifier."""
        parts = {each.name: getattr(classifier, each.name) for each in fields(Classifier)}
        super().__init__(**parts | {"cases": BulkShelf(classifier.cases)})
        rows = np.frombuffer(classifier.weights.data, dtype="<f2").astype(np.float64)
        object.__setattr__(self, "_rows", rows.reshape(-1, classifier.weights.width))

    def drawn(self, features: Sequence[int], values: Sequence[float]) -> list[float]:
        """Return how much features draw to each code of all parts, without the bias."""
        found: list[float] = (np.array(values) @ self._rows[list(features)]).tolist()
        return found if features else [0.0] * self.weights.width

    def pull(self, vector: Vector, part: str, code: str, chances: Sequence[float]) -> list[float]:
        """Return how much each feature of a report draws it to a code rather than the others."""
        at = self.place_of(part)
        own = self._rows[list(vector.indices), at : at + len(chances)]
        draws = own[:, self.codes[part].index(code)] - own @ np.array(chances)
        found: list[float] = (np.array(vector.values) * draws).tolist()
        return found
