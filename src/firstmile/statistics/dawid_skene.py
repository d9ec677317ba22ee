"""What each item most likely is, and how each rater errs, from the ratings of several raters.

Nobody is taken for the truth: what an item is and how often each rater takes one category for
another are estimated together, by the EM algorithm of Dawid and Skene (1979), Journal of the
Royal Statistical Society C 28. Ratings are an integer array (items, raters) of category codes 0
to `categories` - 1, with -1 where a rater did not rate an item, as in `agreement`.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from firstmile.statistics.agreement import MISSING
from firstmile.statistics.intervals import FloatArray, IntArray

FEWEST_RATERS = 3
"""Two raters' errors cannot be told apart: either could be right wherever they disagree."""

_SAME = 1e-9
"""Two posterior probabilities this close are a tie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DawidSkene:
    """The estimates.

    `posteriors` (items, K) holds the probability of each category for each item, nan where
    nobody rated it. `prevalence` (K,) is each category's share. `confusions` (raters, K, K)
    holds in [r, i, j] the chance that rater r says j of an item that is i; a row that no rating
    bears on is uniform, and `evidence` (raters, K), the expected number of ratings behind each
    row, is then 0. `converged` says that the last step raised the objective (the log-likelihood,
    plus the smoothing's term) by less than the tolerance.
    """

    posteriors: FloatArray
    prevalence: FloatArray
    confusions: FloatArray
    evidence: FloatArray
    log_likelihood: float
    iterations: int
    converged: bool

    def most_likely(self) -> IntArray:
        """Return each item's most probable category (items,); -1 where unrated or tied."""
        known = ~np.isnan(self.posteriors).any(axis=1)
        best = np.full(len(self.posteriors), MISSING, dtype=np.int64)
        rated = self.posteriors[known]
        tied = (rated >= rated.max(axis=1, keepdims=True) - _SAME).sum(axis=1) > 1
        best[known] = np.where(tied, MISSING, rated.argmax(axis=1))
        return best

    def certainty(self) -> FloatArray:
        """Return the probability of each item's most probable category (items,)."""
        return np.asarray(self.posteriors.max(axis=1))

    def accuracy(self) -> FloatArray:
        """Return each rater's chance of being right (raters,), over items as they are expected.

        nan for a rater without a rating. Categories a rater never met weigh nothing.
        """
        right = np.diagonal(self.confusions, axis1=1, axis2=2)
        weights = np.where(self.evidence > 0, self.prevalence, 0.0)
        total = weights.sum(axis=1)
        return np.where(
            total > 0, (weights * right).sum(axis=1) / np.where(total > 0, total, 1.0), np.nan
        )


def dawid_skene(
    ratings: npt.ArrayLike,
    *,
    categories: int,
    smoothing: float = 0.0,
    tolerance: float = 1e-12,
    iterations: int = 1_000,
) -> DawidSkene:
    """Estimate items' categories and raters' confusions from three raters or more.

    `smoothing` is added to every count behind a confusion, the estimate then being the mode
    under symmetric Dirichlet priors of 1 + `smoothing`; without it the estimates are those of
    maximum likelihood, as published, which few ratings drive to 0 and 1. Starts from the share
    of each category among an item's ratings (section 3 of the paper), so the result depends on
    nothing but the ratings. Stops when a step raises the objective by less than `tolerance` a
    rated item. Raises ValueError where fewer than three raters rated anything, for ratings that
    are no codes, and for a negative smoothing.
    """
    codes = _checked(ratings, categories)
    if smoothing < 0:
        raise ValueError(f"a smoothing is not negative, as {smoothing} is")
    if int((codes != MISSING).any(axis=0).sum()) < FEWEST_RATERS:
        raise ValueError(f"this needs {FEWEST_RATERS} raters who rated something")
    rated = (codes != MISSING).any(axis=1)
    said = _one_hot(codes[rated], categories)
    posteriors = said.sum(axis=1) / said.sum(axis=(1, 2))[:, None]
    objective = -np.inf
    steps = 0
    converged = False
    while steps < max(1, iterations) and not converged:
        steps += 1
        prevalence, confusions, evidence = _most_likely_parameters(said, posteriors, smoothing)
        posteriors, log_likelihood = _posteriors(said, prevalence, confusions)
        raised = log_likelihood + _prior_term(confusions, evidence, smoothing)
        converged = raised - objective < tolerance * len(said)
        objective = raised
    everywhere = np.full((len(codes), categories), np.nan)
    everywhere[rated] = posteriors
    return DawidSkene(
        posteriors=everywhere,
        prevalence=prevalence,
        confusions=confusions,
        evidence=evidence,
        log_likelihood=log_likelihood,
        iterations=steps,
        converged=converged,
    )


def _most_likely_parameters(
    said: FloatArray, posteriors: FloatArray, smoothing: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return prevalence, confusions and evidence (equations 2.3 and 2.4 of the paper)."""
    prevalence = np.asarray(posteriors.mean(axis=0))
    counts = np.einsum("ik,irj->rkj", posteriors, said)
    evidence = np.asarray(counts.sum(axis=2))
    smoothed = counts + smoothing
    totals = smoothed.sum(axis=2, keepdims=True)
    uniform = 1.0 / said.shape[2]
    confusions = np.where(totals > 0, smoothed / np.where(totals > 0, totals, 1.0), uniform)
    return prevalence, confusions, evidence


def _posteriors(
    said: FloatArray, prevalence: FloatArray, confusions: FloatArray
) -> tuple[FloatArray, float]:
    """Return the items' posteriors (equation 2.5) and the log-likelihood of the ratings."""
    items, raters, categories = said.shape
    with np.errstate(divide="ignore"):
        logs = np.log(confusions)
        joint = np.log(np.broadcast_to(prevalence, (items, categories))).copy()
    place = said.argmax(axis=2)
    given = np.asarray(said.any(axis=2))
    for rater in range(raters):
        rows = np.flatnonzero(given[:, rater])
        joint[rows] += logs[rater][:, place[rows, rater]].T
    highest = joint.max(axis=1, keepdims=True)
    scaled = np.exp(joint - highest)
    total = scaled.sum(axis=1, keepdims=True)
    return scaled / total, float((np.log(total) + highest).sum())


def _prior_term(confusions: FloatArray, evidence: FloatArray, smoothing: float) -> float:
    if smoothing == 0:
        return 0.0
    return smoothing * float(np.log(confusions[evidence > 0]).sum())


def _one_hot(codes: IntArray, categories: int) -> FloatArray:
    """Return ratings as (items, raters, K), all zero where one is missing."""
    return np.equal(codes[:, :, None], np.arange(categories)).astype(np.float64)


def _checked(ratings: npt.ArrayLike, categories: int) -> IntArray:
    codes = np.asarray(ratings)
    if codes.ndim != 2 or not np.issubdtype(codes.dtype, np.integer):
        raise ValueError("ratings are integer codes (items, raters)")
    if codes.size and not MISSING <= int(codes.min()) <= int(codes.max()) < categories:
        raise ValueError(f"a rating is a code below {categories}, or {MISSING} where it is missing")
    return codes.astype(np.int64)
