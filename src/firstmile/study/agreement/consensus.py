"""What issues most likely are, and how each of three raters or more errs."""

from typing import Final

import msgspec
import numpy as np

from firstmile.statistics.agreement import MISSING
from firstmile.statistics.dawid_skene import FEWEST_RATERS, dawid_skene
from firstmile.study.agreement.ratings import Level, Ratings, categories
from firstmile.taxonomy import Axis, Taxonomy

UNCERTAIN: Final = 0.9
"""An issue whose likeliest class is less probable than this deserves adjudication."""


class RaterQuality(msgspec.Struct, frozen=True, kw_only=True):
    """One rater: the estimated chance of being right, and the confusion over the classes.

    `confusion` holds in [i][j] the chance that the rater says class j of an issue of class i;
    `evidence` is the expected number of ratings behind each row.
    """

    rater: str
    accuracy: float | None
    confusion: tuple[tuple[float, ...], ...]
    evidence: tuple[float, ...]


class LikelyClass(msgspec.Struct, frozen=True, kw_only=True):
    """An issue's likeliest class (None for a tie) and its probability."""

    issue: str
    code: str | None
    probability: float


class Consensus(msgspec.Struct, frozen=True, kw_only=True):
    """Dawid and Skene's estimates at class level; `smoothing` was added to every count."""

    classes: tuple[str, ...]
    prevalence: tuple[float, ...]
    raters: tuple[RaterQuality, ...]
    issues: tuple[LikelyClass, ...]
    uncertain: int
    smoothing: float
    iterations: int
    converged: bool


def consensus(ratings: Ratings, axis: Axis, codebook: Taxonomy) -> Consensus | None:
    """Estimate the classes of an axis; None where fewer than three raters told any.

    One rating's worth of smoothing is spread evenly over the answers to each class, since a few
    dozen ratings over nine classes leave most confusions without a single count.
    """
    classes = categories(ratings, axis, Level.CLASS, codebook)
    codes = ratings.codes(axis, Level.CLASS, classes)
    if int((codes != MISSING).any(axis=0).sum()) < FEWEST_RATERS:
        return None
    smoothing = 1 / len(classes)
    found = dawid_skene(codes, categories=len(classes), smoothing=smoothing)
    best, certainty, accuracy = found.most_likely(), found.certainty(), found.accuracy()
    issues = tuple(
        LikelyClass(
            issue=issue,
            code=None if best[at] == MISSING else classes[best[at]],
            probability=float(certainty[at]),
        )
        for at, issue in enumerate(ratings.issues)
        if not np.isnan(certainty[at])
    )
    return Consensus(
        classes=classes,
        prevalence=tuple(map(float, found.prevalence)),
        raters=tuple(
            RaterQuality(
                rater=rater,
                accuracy=None if np.isnan(accuracy[at]) else float(accuracy[at]),
                confusion=tuple(tuple(map(float, row)) for row in found.confusions[at]),
                evidence=tuple(map(float, found.evidence[at])),
            )
            for at, rater in enumerate(ratings.raters)
        ),
        issues=issues,
        uncertain=sum(one.probability < UNCERTAIN for one in issues),
        smoothing=smoothing,
        iterations=found.iterations,
        converged=found.converged,
    )
