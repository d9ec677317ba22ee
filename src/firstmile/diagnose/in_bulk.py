"""The classifier for many reports: the same numbers by NumPy, whose import takes as long as thirty.

A single report is answered sooner without it, a thousand are answered in half the time with it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from itertools import accumulate, pairwise

import numpy as np
import numpy.typing as npt

from firstmile.diagnose.classifier import Classifier, Shelf, Vector

Places = npt.NDArray[np.intp]
Numbers = npt.NDArray[np.float64]


class BulkShelf(Shelf):
    """A shelf that works out all cosines at once, from the reports that have a feature."""

    __slots__ = ("_begins", "_counts", "_reports", "_values")
    _begins: Places
    _counts: Places
    _reports: Places
    _values: Numbers

    def __init__(self, shelf: Shelf) -> None:
        """Take over a shelf, and sort it by features."""
        super().__init__(**{each.name: getattr(shelf, each.name) for each in fields(Shelf)})
        indices = np.array(shelf.indices, dtype=np.intp)
        order = np.argsort(indices, kind="stable")
        reports = np.repeat(np.arange(len(shelf.ids)), np.diff(shelf.starts))
        values = np.frombuffer(shelf.values, dtype="<f2").astype(np.float64)
        counts = np.bincount(indices, minlength=shelf.size)
        for name, array in (
            ("_reports", reports[order]),
            ("_values", values[order]),
            ("_counts", counts),
            ("_begins", counts.cumsum() - counts),
        ):
            object.__setattr__(self, name, array)

    def cosines(self, vector: Vector) -> Sequence[float]:
        """Return the cosine of each report."""
        indices = np.array(vector.indices, dtype=np.intp)
        found: list[float] = self._cosines(indices, np.array(vector.values)).tolist()
        return found

    def nearest_to(
        self, indices: Places, values: Numbers, *, most: int, without: Collection[str] = ()
    ) -> list[tuple[str, float]]:
        """Return what `nearest` does for a vector of these features."""
        if not self.ids:
            return []
        cosines = self._cosines(indices, values)
        count = most + len(without)
        if count < len(cosines):  # sorting all of them takes longer
            least = np.partition(cosines, -count)[-count]
            chosen = np.flatnonzero(cosines >= least)
        else:
            chosen = np.arange(len(cosines))
        chosen = chosen[np.argsort(-cosines[chosen], kind="stable")]
        named = ((self.ids[place], float(cosines[place])) for place in chosen)
        return [(name, cosine) for name, cosine in named if name not in without][:most]

    def _largest(self, vector: Vector, most: int) -> list[tuple[int, float]]:
        cosines = np.array(self.cosines(vector))
        chosen = np.argsort(-cosines, kind="stable")[:most]
        return list(zip(chosen.tolist(), cosines[chosen].tolist(), strict=True))

    def _cosines(self, indices: Places, values: Numbers) -> Numbers:
        counts = self._counts[indices]
        ends = counts.cumsum()
        # The stretches of all features, one behind the other.
        steps = np.repeat(self._begins[indices] - ends + counts, counts)
        places = steps + np.arange(len(steps))
        products = np.repeat(values, counts) * self._values[places]
        found: Numbers = np.bincount(self._reports[places], products, len(self.ids)) / 2
        return found


class BulkClassifier(Classifier):
    """A classifier whose weights are one array."""

    __slots__ = ("_bias", "_bounds", "_part_of", "_starts", "rows", "shelf")
    _bias: Numbers
    _bounds: Mapping[str, tuple[int, int]]
    _part_of: Places
    _starts: Places
    rows: Numbers
    """The weights: features, all codes."""
    shelf: BulkShelf
    """The cases."""

    def __init__(self, classifier: Classifier) -> None:
        """Take over a classifier."""
        parts = {each.name: getattr(classifier, each.name) for each in fields(Classifier)}
        shelf = BulkShelf(classifier.cases)
        super().__init__(**parts | {"cases": shelf})
        rows = np.frombuffer(classifier.weights.data, dtype="<f2").astype(np.float64)
        object.__setattr__(self, "rows", rows.reshape(-1, classifier.weights.width))
        object.__setattr__(self, "shelf", shelf)
        lengths = list(map(len, classifier.codes.values()))
        starts = [0, *accumulate(lengths)]
        bounds = dict(zip(classifier.codes, pairwise(starts), strict=True))
        object.__setattr__(self, "_bounds", bounds)
        object.__setattr__(self, "_starts", np.array(starts[:-1]))
        object.__setattr__(self, "_part_of", np.repeat(np.arange(len(lengths)), lengths))
        object.__setattr__(self, "_bias", np.array(classifier.bias))

    def drawn(self, features: Sequence[int], values: Sequence[float]) -> list[float]:
        """Return how much features draw to each code of all parts, without the bias."""
        found: list[float] = (np.array(values) @ self.rows[list(features)]).tolist()
        return found if features else [0.0] * self.weights.width

    def chances_of(self, drawn: Numbers) -> dict[str, list[float]]:
        """Return what `chances` does."""
        scores = drawn + self._bias
        raised = np.exp(scores - np.maximum.reduce(scores))
        totals = np.add.reduceat(raised, self._starts)
        whole = (raised / totals[self._part_of]).tolist()
        return {part: whole[start:end] for part, (start, end) in self._bounds.items()}

    def pull(self, vector: Vector, part: str, code: str, chances: Sequence[float]) -> list[float]:
        """Return how much each feature of a report draws it to a code rather than the others."""
        indices, values = np.array(vector.indices, np.intp), np.array(vector.values)
        found: list[float] = self.pulls(indices, values, part, code, chances).tolist()
        return found

    def pulls(
        self, indices: Places, values: Numbers, part: str, code: str, chances: Sequence[float]
    ) -> Numbers:
        """Return what `pull` does for a vector of these features."""
        start, end = self._bounds[part]
        own = self.rows[indices, start:end]
        draws = own[:, self.codes[part].index(code)] - own @ np.array(chances)
        found: Numbers = values * draws
        return found
