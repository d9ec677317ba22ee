"""Plays the reviewer screen on issues whose class is known, to see how soon failures are found."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from firstmile.study.screening.ranking import (
    Features,
    IntArray,
    Sampling,
    rank_known,
    read_features,
)

Start = Literal["keywords", "random"]

FIRST_BATCH: Final = 10
GROWTH: Final = 0.1


@dataclass(frozen=True, slots=True)
class RecallCurve:
    """What was found as reading went on.

    `order` are the positions in the order they were read, `found` (n,) the failures found after
    each. `trainings` counts how often the ranking was made again.
    """

    order: IntArray
    found: IntArray
    trainings: int

    @property
    def total(self) -> int:
        """All failures there are."""
        return int(self.found[-1]) if len(self.found) else 0

    def recall_at(self, share: float) -> float:
        """Return the share of failures found once so large a share of the texts is read."""
        read = math.floor(share * len(self.found) + 1e-9)
        return self._recall(read)

    def read_for(self, recall: float) -> int:
        """Return how many texts were read when that recall was first reached."""
        needed = math.ceil(recall * self.total - 1e-9)
        return 0 if needed <= 0 else int(np.searchsorted(self.found, needed)) + 1

    def work_saved(self, recall: float) -> float:
        """Return the work saved over reading in random order, at a recall.

        The share left unread less the share that random order would leave: WSS of Cohen and
        others (2006), Journal of the American Medical Informatics Association 13.
        """
        texts = len(self.found)
        return (texts - self.read_for(recall)) / texts - (1 - recall) if texts else 0.0

    def work_savable(self, recall: float) -> float:
        """Return the work a perfect order would save, the ceiling of `work_saved`."""
        texts = len(self.found)
        needed = math.ceil(recall * self.total - 1e-9)
        return (texts - needed) / texts - (1 - recall) if texts else 0.0

    def _recall(self, read: int) -> float:
        if not self.total:
            return 1.0
        return float(self.found[read - 1]) / self.total if read else 0.0


def simulate(
    texts: Sequence[str] | Features,
    truth: npt.ArrayLike,
    *,
    seed: int,
    sampling: Sampling = Sampling.MIXED,
    start: Start = "keywords",
    first_batch: int = FIRST_BATCH,
) -> RecallCurve:
    """Read every text in the order the ranking gives, with decisions taken from the truth (n,).

    The ranking is made again after ten texts, then after batches that grow by a tenth, as in
    Cormack and Grossman's AutoTAR (2015). It starts where a study does, at the keywords' best,
    or at random.
    """
    features = texts if isinstance(texts, Features) else read_features(texts)
    failures = np.asarray(truth, dtype=bool)
    if failures.shape != (len(features),):
        raise ValueError("there must be one truth a text")
    known = np.full(len(features), -1, dtype=np.int64)
    order: list[IntArray] = []
    trainings, batch = 0, first_batch
    generator = np.random.default_rng([seed, 2])
    while (known < 0).any():
        if not order and start == "random":
            ranked = generator.permutation(len(features)).astype(np.int64)
        else:
            ranked = rank_known(features, known, seed=seed, sampling=sampling).order
            trainings += 1
        read = ranked[:batch]
        known[read] = failures[read]
        order.append(read)
        batch += math.ceil(batch * GROWTH)
    whole = np.concatenate(order) if order else np.zeros(0, dtype=np.int64)
    return RecallCurve(
        order=whole, found=np.cumsum(failures[whole]).astype(np.int64), trainings=trainings
    )
