"""The recall guarantee: how many failures a screen can have missed, from a sample it discarded.

Everything discarded, by the keyword screen too, is the population. A random sample of it is read
as carefully as what was kept, once the ranking is frozen, and the failures in it bound those in
the whole, exactly and whatever the classifier did. The bound is the failures *missed*; with those
found it gives a lower bound for recall. A sample is good for one look. Who means to look more
often says how often beforehand and spends the error over the looks (`spend`), or the bound does
not hold: `bench.recall_coverage` shows by how much.

Stopping by the ranking alone (a run of fifty issues without a failure, say) guarantees nothing.
The elusion sample of electronic discovery is the precedent: Roitblat (2007), The Sedona Conference
Journal 8; Lewis, Yang and Frieder (2021), CIKM, on why the sample must not be looked at twice.
"""

import math
from collections.abc import Sequence
from typing import Final, Literal

import msgspec
import numpy as np
import numpy.typing as npt

from firstmile.statistics.finite_population import log_at_most, most_holders

Combination = Literal["fisher", "bonferroni"]
Spending = Literal["equal", "late", "open"]

CONFIDENCE: Final = 0.95
TARGET_RECALL: Final = 0.95
POWER: Final = 0.8
_MOST_ALLOWED: Final = 5_000
_ROWS: Final = 16_384
_NEARLY_SURE: Final = 1 - 2.0**-53


class Discarded(msgspec.Struct, frozen=True, kw_only=True):
    """What one step discarded: how many, how many of them were sampled, and failures among those.

    Sampled is drawn at random without replacement within the step. Where one sample was drawn
    from everything discarded, there is one of these.
    """

    step: str
    discarded: int
    sampled: int
    failures: int

    def __post_init__(self) -> None:
        if not 0 <= self.failures <= self.sampled <= self.discarded:
            raise ValueError("counts must satisfy 0 <= failures <= sampled <= discarded")


class StepBound(msgspec.Struct, frozen=True, kw_only=True):
    """What the sample of one step says of it alone, at the whole confidence."""

    step: str
    discarded: int
    sampled: int
    failures: int
    missed_estimate: float | None
    missed_at_most: int


class RecallBound(msgspec.Struct, frozen=True, kw_only=True):
    """An upper bound for the failures missed, and the lower bound for recall it gives.

    `found` are the failures the screen kept. `recall_at_least` is the screen's own;
    `recall_with_sample_at_least` counts the failures that the sample brought to light, which a
    study adds to its set. Estimates are None where a step was not sampled at all. The steps'
    bounds hold each for itself, not all at once.
    """

    confidence: float
    combination: Combination | None
    found: int
    discarded: int
    sampled: int
    failures_in_sample: int
    missed_estimate: float | None
    missed_at_most: int
    missed_share_at_most: float
    recall_estimate: float | None
    recall_at_least: float
    recall_with_sample_at_least: float
    steps: tuple[StepBound, ...]


class SamplePlan(msgspec.Struct, frozen=True, kw_only=True):
    """How many to sample so that a recall is shown, and what that rests on.

    The target is shown when at most `failures_allowed` turn up among `sample`, which happens
    with probability `power` if the share of failures among the discarded is what was expected.
    `missed_allowed` is how many may have been missed for the target to be true.
    """

    sample: int
    failures_allowed: int
    missed_allowed: int
    power: float


def bound_recall(
    steps: Sequence[Discarded],
    *,
    found: int,
    confidence: float = CONFIDENCE,
    combination: Combination = "fisher",
) -> RecallBound:
    """Bound the failures missed among everything discarded.

    One step, or one sample drawn over all steps, gives the exact hypergeometric bound. Several
    steps sampled apart are combined: by Fisher's product of their exact tail probabilities
    (Fisher (1932), Statistical Methods for Research Workers, section 21.1), inverted over every
    way the failures can lie, or by Bonferroni, each step at its part of the error. Both hold;
    Fisher's is the tighter. A single sample drawn over all steps is tighter still.
    """
    if found < 0:
        raise ValueError("failures found can't be fewer than none")
    steps = [each for each in steps if each.discarded]
    error = 1 - confidence
    if len(steps) <= 1 or combination == "bonferroni":
        each_confidence = 1 - error / max(1, len(steps))
        missed = sum(_missed(step, each_confidence) for step in steps)
    else:
        missed = _missed_by_fisher(steps, error)
    discarded = sum(step.discarded for step in steps)
    failures = sum(step.failures for step in steps)
    bounds = tuple(_alone(step, confidence) for step in steps)
    estimates = [bound.missed_estimate for bound in bounds]
    known = [estimate for estimate in estimates if estimate is not None]
    estimate = sum(known) if len(known) == len(estimates) else None
    return RecallBound(
        confidence=confidence,
        combination=combination if len(steps) > 1 else None,
        found=found,
        discarded=discarded,
        sampled=sum(step.sampled for step in steps),
        failures_in_sample=failures,
        missed_estimate=estimate,
        missed_at_most=missed,
        missed_share_at_most=missed / discarded if discarded else 0.0,
        recall_estimate=None if estimate is None else _recall(found, estimate),
        recall_at_least=_recall(found, missed),
        recall_with_sample_at_least=_recall(found + failures, missed - failures),
        steps=bounds,
    )


def sample_size(
    *,
    discarded: int,
    found: int,
    target_recall: float = TARGET_RECALL,
    confidence: float = CONFIDENCE,
    expected_share: float = 0.0,
    power: float = POWER,
) -> SamplePlan | None:
    """Return the smallest single sample of the discarded that shows a recall; None if none does.

    `expected_share` of failures among the discarded is a guess, from a pilot or another study.
    None where that guess itself means a recall below the target, or that so many failures would
    have to be allowed that reading on is the better plan.
    """
    if not 0 < target_recall < 1:
        raise ValueError("a target recall lies strictly between 0 and 1")
    # The guard keeps 19 / .95 - 19 from being a hair under 1.
    allowed = math.floor(found / target_recall - found + 1e-9)
    if allowed >= discarded:
        return SamplePlan(sample=0, failures_allowed=0, missed_allowed=discarded, power=1.0)
    expected = math.ceil(expected_share * discarded - 1e-9)
    if expected > allowed:
        return None
    low = 0
    for failures in range(min(allowed, _MOST_ALLOWED) + 1):
        sample = low = _smallest_sample(failures, allowed, discarded, confidence, low)
        reached = math.exp(
            log_at_most(min(failures, sample), expected, sample=sample, size=discarded)
        )
        if reached >= power:
            return SamplePlan(
                sample=sample, failures_allowed=failures, missed_allowed=allowed, power=reached
            )
    return None


def draw_sample(population: int, size: int, *, seed: int, draw: int = 1) -> npt.NDArray[np.int64]:
    """Return which of a population are sampled, in the order in which they are to be read.

    Each size is the beginning of the next, so that a sample that proved too small can be
    extended where that was planned. Hand the population over in a fixed order. `draw` counts the
    populations that samples were drawn from: where one issue came back and another left, their
    number is the same, and the same places would be those that were read already and found to be
    no failures.
    """
    stream = [seed, population] if draw == 1 else [seed, population, draw]
    order = np.random.default_rng(stream).permutation(population)
    return order[:size].astype(np.int64)


def spend(
    looks: int, *, confidence: float = CONFIDENCE, spending: Spending = "equal"
) -> tuple[float, ...]:
    """Return the confidence of each look such that all of them hold at once as often as stated.

    `equal` gives each look the same part of the error (Bonferroni). `late` saves it for the last
    looks, by the spending function that resembles O'Brien and Fleming's bounds (Lan and DeMets
    (1983), Biometrika 70), its increments used as parts, which the union bound allows. `open`
    needs no number of looks stated beforehand: look k gets 6 / (pi k)^2 of the error, and any
    number of looks together stay within it. Looks may share a sample that grows while nothing
    else changes; once more was read by rank, the next look needs a fresh sample of what is left.
    """
    if looks < 1:
        raise ValueError("there must be at least one look")
    error = 1 - confidence
    if spending == "equal":
        parts = [error / looks] * looks
    elif spending == "open":
        parts = [error * 6 / (math.pi * look) ** 2 for look in range(1, looks + 1)]
    else:
        from scipy.special import ndtr, ndtri

        deviate = -float(ndtri(error / 2))
        spent = [
            2 * float(ndtr(-deviate / math.sqrt(look / looks))) for look in range(looks + 1) if look
        ]
        parts = [b - a for a, b in zip([0.0, *spent], spent, strict=False)]
    return tuple(min(1 - part, _NEARLY_SURE) for part in parts)


def _missed(step: Discarded, confidence: float) -> int:
    return most_holders(step.failures, step.sampled, step.discarded, confidence=confidence)


def _missed_by_fisher(steps: Sequence[Discarded], error: float) -> int:
    """Return the largest total that Fisher's test does not reject, over every way it can lie.

    Each failure more in a step adds to that step's -2 log p. The total is at its largest when the
    cheapest additions are taken first; taking them out of order could only make it larger, so the
    bound holds even where a step's costs were not convex.
    """
    from scipy.special import chdtri

    budget = float(chdtri(2 * len(steps), error))
    total, costs = 0, []
    for step in steps:
        least, most = step.failures, _missed(step, 1 - math.exp(-budget / 2))
        total += least
        log_p = [
            log_at_most(
                step.failures,
                np.arange(at, min(at + _ROWS, most + 1)),
                sample=step.sampled,
                size=step.discarded,
            )
            for at in range(least, most + 1, _ROWS)
        ]
        costs.append(np.diff(-2 * np.concatenate(log_p)))
    spent = np.cumsum(np.sort(np.maximum(np.concatenate(costs), 0.0)))
    return total + int(np.searchsorted(spent, budget, side="right"))


def _alone(step: Discarded, confidence: float) -> StepBound:
    return StepBound(
        step=step.step,
        discarded=step.discarded,
        sampled=step.sampled,
        failures=step.failures,
        missed_estimate=step.discarded * step.failures / step.sampled if step.sampled else None,
        missed_at_most=_missed(step, confidence),
    )


def _smallest_sample(
    failures: int, allowed: int, discarded: int, confidence: float, low: int
) -> int:
    """Return the smallest sample in which so many failures still bound the missed by `allowed`."""
    low, high = max(low, failures), discarded
    while low < high:
        middle = (low + high) // 2
        log_p = log_at_most(failures, allowed + 1, sample=middle, size=discarded)
        if math.exp(log_p) <= 1 - confidence:
            high = middle
        else:
            low = middle + 1
    return low


def _recall(found: float, missed: float) -> float:
    return found / (found + missed) if found + missed else 1.0
