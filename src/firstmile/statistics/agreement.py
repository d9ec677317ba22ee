"""Agreement between raters: coefficients, their bootstrap intervals, and confusion counts.

Ratings are an integer array (items, raters) of category codes 0 to `categories` - 1, with -1
where a rater did not rate an item. Items nobody rated are left out throughout.
"""

from collections.abc import Callable
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from firstmile.statistics.contingency import batches, multinomial_tables
from firstmile.statistics.intervals import FloatArray, IntArray, Interval, percentile

MISSING = -1
"""The code of a rating that was not given."""


class Coefficient(StrEnum):
    """The coefficients of agreement that `agreement_interval` resamples."""

    PERCENT_AGREEMENT = "percent agreement"
    COHEN_KAPPA = "Cohen's kappa"
    FLEISS_KAPPA = "Fleiss' kappa"
    GWET_AC1 = "Gwet's AC1"
    KRIPPENDORFF_ALPHA = "Krippendorff's alpha"


def percent_agreement(ratings: npt.ArrayLike, *, categories: int) -> float | None:
    """Return the share of agreeing pairs of raters, averaged over items, between 0 and 1.

    Items with one rating have no pair and don't count; None where no item has two ratings.
    Raises ValueError for anything but codes from -1 to `categories` - 1. Fleiss (1971),
    Psychological Bulletin 76, the mean of P_i, with as many raters as each item has.
    """
    return _estimate(Coefficient.PERCENT_AGREEMENT, ratings, categories)


def cohen_kappa(a: npt.ArrayLike, b: npt.ArrayLike) -> float | None:
    """Return Cohen's kappa of two raters' codes (items,) of the same items.

    Items that either rater left out don't count. None where none is left, or where both raters
    used one and the same category only, so that agreement by chance is certain. Raises
    ValueError for arrays of different lengths and for codes below -1. Cohen (1960), Educational
    and Psychological Measurement 20, equation 1.
    """
    first, second = _pairs(a, b)
    used, codes = np.unique(np.concatenate([first, second]), return_inverse=True)
    confusion = _confusion(codes[: len(first)], codes[len(first) :], len(used))
    return _or_none(_cohen_kappas(confusion))


def fleiss_kappa(ratings: npt.ArrayLike, *, categories: int) -> float | None:
    """Return Fleiss' kappa, with as many raters as each item has.

    Observed agreement is averaged over the items with two ratings or more; the shares of the
    categories, and so agreement by chance, over all items that anybody rated. None where no
    item has two ratings or only one category was used. Raises ValueError as
    `percent_agreement` does. Fleiss (1971), Psychological Bulletin 76, kappa as the excess of
    the mean P_i over the sum of squared p_j; Gwet (2014), Handbook of Inter-Rater Reliability,
    for missing ratings.
    """
    return _estimate(Coefficient.FLEISS_KAPPA, ratings, categories)


def gwet_ac1(ratings: npt.ArrayLike, *, categories: int) -> float | None:
    """Return Gwet's AC1, with as many raters as each item has.

    Items count as in `fleiss_kappa`. Categories that nobody used count as well: they make
    agreement by chance less likely. None where no item has two ratings, and for a single
    category. Raises ValueError as `percent_agreement` does. Gwet (2008), British Journal of
    Mathematical and Statistical Psychology 61, AC1 for multiple raters; Gwet (2014), Handbook
    of Inter-Rater Reliability, for missing ratings.
    """
    return _estimate(Coefficient.GWET_AC1, ratings, categories)


def gwet_ac1_standard_error(ratings: npt.ArrayLike, *, categories: int) -> float | None:
    """Return the standard error of Gwet's AC1 over the sampling of items, raters being fixed.

    None where AC1 is undefined or fewer than two items were rated. Raises ValueError as
    `percent_agreement` does. Gwet (2008), British Journal of Mathematical and Statistical
    Psychology 61, the linearized variance of AC1 for multiple raters without the correction
    for a finite population.
    """
    counts = _category_counts(_checked(ratings, categories), categories)
    items = len(counts)
    each = np.ones((1, items))
    estimate = _or_none(_gwet_ac1s(counts, each)) if items else None
    if estimate is None or items < 2:
        return None
    paired = counts.sum(axis=1) > 1
    shares = _category_shares(counts, each)
    chance = _gwet_chance(shares)[0]
    own_chance = _shares_of_item(counts) @ (1 - shares[0]) / (categories - 1)
    excess = np.where(paired, _agreement_of_item(counts) - chance, 0.0) / paired.mean()
    linearized = (excess - 2 * (1 - estimate) * (own_chance - chance)) / (1 - chance)
    return float(np.sqrt(((linearized - estimate) ** 2).sum() / (items * (items - 1))))


def krippendorff_alpha(ratings: npt.ArrayLike, *, categories: int) -> float | None:
    """Return Krippendorff's alpha for nominal categories.

    Items with one rating cannot be paired and don't count, not even for agreement by chance.
    None where no item has two ratings, or the items that have used one category only. Raises
    ValueError as `percent_agreement` does. Krippendorff (2011), Computing Krippendorff's
    Alpha-Reliability, section C; Krippendorff (2004), Content Analysis, second edition,
    chapter 11.
    """
    return _estimate(Coefficient.KRIPPENDORFF_ALPHA, ratings, categories)


def confusion_matrix(a: npt.ArrayLike, b: npt.ArrayLike, *, categories: int) -> IntArray:
    """Count the items by the first rater's code (rows) and the second's (columns).

    Items that either rater left out don't count. Raises ValueError for arrays of different
    lengths and for codes outside -1 to `categories` - 1.
    """
    first, second = _pairs(a, b)
    _checked(np.stack([first, second], axis=1), categories)
    return _confusion(first, second, categories)


def agreement_interval(
    ratings: npt.ArrayLike,
    *,
    coefficient: Coefficient,
    categories: int,
    replicates: int,
    generator: np.random.Generator,
    confidence: float = 0.95,
) -> Interval | None:
    """Return a coefficient's percentile bootstrap interval over the items, raters being fixed.

    As many items are drawn as were rated by anybody (by both raters, for Cohen's kappa). Items
    that look alike are drawn together, so the cost grows with the number of distinct items.
    Resamples in which the coefficient is undefined are left out. None where it is undefined
    for the ratings themselves. Raises ValueError as `percent_agreement` does, for Cohen's kappa
    of anything but two raters, and for no replicates. Efron and Tibshirani (1993), An
    Introduction to the Bootstrap, section 13.3.
    """
    checked = _checked(ratings, categories)
    if coefficient is Coefficient.COHEN_KAPPA:
        values = _resampled_cohen_kappas(
            checked, categories=categories, replicates=replicates, generator=generator
        )
    else:
        values = _resampled(
            _FORMULAS[coefficient],
            checked,
            categories=categories,
            replicates=replicates,
            generator=generator,
        )
    if values is None:
        return None
    low, high = percentile(values, confidence=confidence)
    return None if np.isnan(low) else Interval(float(low), float(high))


def _resampled(
    formula: Callable[[FloatArray, FloatArray], FloatArray],
    ratings: IntArray,
    *,
    categories: int,
    replicates: int,
    generator: np.random.Generator,
) -> FloatArray | None:
    alike, repeats = np.unique(np.sort(ratings, axis=1), axis=0, return_counts=True)
    counts = _category_counts(alike, categories)
    repeats = repeats[(alike != MISSING).any(axis=1)]
    if len(counts) == 0 or _or_none(formula(counts, repeats[None, :].astype(np.float64))) is None:
        return None
    items = repeats.sum()
    values = [
        formula(counts, generator.multinomial(items, repeats / items, size=size).astype(np.float64))
        for size in batches(replicates, cells=len(counts))
    ]
    return np.concatenate(values) if values else np.empty(0)


def _resampled_cohen_kappas(
    ratings: IntArray, *, categories: int, replicates: int, generator: np.random.Generator
) -> FloatArray | None:
    if ratings.shape[1] != 2:
        raise ValueError(f"Cohen's kappa compares two raters, not {ratings.shape[1]}")
    confusion = confusion_matrix(ratings[:, 0], ratings[:, 1], categories=categories)
    if _or_none(_cohen_kappas(confusion)) is None:
        return None
    values = [
        _cohen_kappas(multinomial_tables(confusion, replicates=size, generator=generator))
        for size in batches(replicates, cells=confusion.size)
    ]
    return np.concatenate(values) if values else np.empty(0)


def _estimate(coefficient: Coefficient, ratings: npt.ArrayLike, categories: int) -> float | None:
    counts = _category_counts(_checked(ratings, categories), categories)
    return _or_none(_FORMULAS[coefficient](counts, np.ones((1, len(counts)))))


# The formulas take the distinct items' category counts (D, K) and how often each of them
# occurs in each of B samples (B, D), and return one coefficient a sample (B,), nan where it is
# undefined.


def _percent_agreements(counts: FloatArray, weights: FloatArray) -> FloatArray:
    paired = (counts.sum(axis=1) > 1).astype(np.float64)
    return _ratio(weights @ _agreement_of_item(counts), weights @ paired)


def _fleiss_kappas(counts: FloatArray, weights: FloatArray) -> FloatArray:
    chance = (_category_shares(counts, weights) ** 2).sum(axis=1)
    return _ratio(_percent_agreements(counts, weights) - chance, 1 - chance)


def _gwet_ac1s(counts: FloatArray, weights: FloatArray) -> FloatArray:
    chance = _gwet_chance(_category_shares(counts, weights))
    return _ratio(_percent_agreements(counts, weights) - chance, 1 - chance)


def _krippendorff_alphas(counts: FloatArray, weights: FloatArray) -> FloatArray:
    pairable = counts[counts.sum(axis=1) > 1]
    times = weights[:, counts.sum(axis=1) > 1]
    ratings_of_item = pairable.sum(axis=1)
    coincidences = (pairable * (pairable - 1)).sum(axis=1) / (ratings_of_item - 1)
    used = times @ pairable
    total = used.sum(axis=1)
    observed = total - times @ coincidences
    expected = total**2 - (used**2).sum(axis=1)
    return 1 - _ratio((total - 1) * observed, expected)


_FORMULAS: dict[Coefficient, Callable[[FloatArray, FloatArray], FloatArray]] = {
    Coefficient.PERCENT_AGREEMENT: _percent_agreements,
    Coefficient.FLEISS_KAPPA: _fleiss_kappas,
    Coefficient.GWET_AC1: _gwet_ac1s,
    Coefficient.KRIPPENDORFF_ALPHA: _krippendorff_alphas,
}


def _cohen_kappas(confusions: IntArray) -> FloatArray:
    """Return kappa (...) of each confusion matrix (..., K, K)."""
    confusion = confusions.astype(np.float64)
    total = confusion.sum(axis=(-2, -1))
    agreed = np.trace(confusion, axis1=-2, axis2=-1)
    by_chance = (confusion.sum(axis=-1) * confusion.sum(axis=-2)).sum(axis=-1)
    return _ratio(total * agreed - by_chance, total**2 - by_chance)


def _agreement_of_item(counts: FloatArray) -> FloatArray:
    """Return the share of agreeing pairs of raters (D,) of each item, 0 without a pair."""
    raters = counts.sum(axis=1)
    pairs = raters * (raters - 1)
    agreeing = (counts * (counts - 1)).sum(axis=1)
    return np.asarray(agreeing / np.where(pairs > 0, pairs, 1.0))


def _shares_of_item(counts: FloatArray) -> FloatArray:
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def _category_shares(counts: FloatArray, weights: FloatArray) -> FloatArray:
    """Return each category's share (B, K), averaged over items."""
    return _ratio(weights @ _shares_of_item(counts), weights.sum(axis=1, keepdims=True))


def _gwet_chance(shares: FloatArray) -> FloatArray:
    """Return AC1's agreement by chance (B,), nan for a single category."""
    return _ratio((shares * (1 - shares)).sum(axis=1), np.asarray(shares.shape[1] - 1.0))


def _ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    known = denominator > 0
    return np.where(known, numerator / np.where(known, denominator, 1.0), np.nan)


def _or_none(value: FloatArray) -> float | None:
    number = float(value.item())
    return None if np.isnan(number) else number


def _category_counts(ratings: IntArray, categories: int) -> FloatArray:
    """Return how often each rated item was given each category, (items, categories)."""
    rated = ratings[(ratings != MISSING).any(axis=1)]
    item, rater = np.nonzero(rated != MISSING)
    cells = item * categories + rated[item, rater]
    counts = np.bincount(cells, minlength=len(rated) * categories).astype(np.float64)
    return counts.reshape(len(rated), categories)


def _confusion(first: IntArray, second: IntArray, categories: int) -> IntArray:
    cells = np.bincount(first * categories + second, minlength=categories**2)
    return cells.astype(np.int64).reshape(categories, categories)


def _pairs(a: npt.ArrayLike, b: npt.ArrayLike) -> tuple[IntArray, IntArray]:
    """Return two raters' codes of the items that both rated."""
    first, second = _codes(a), _codes(b)
    if first.ndim != 1 or first.shape != second.shape:
        raise ValueError("two raters need one code each for every item, in the same order")
    both = (first != MISSING) & (second != MISSING)
    return first[both], second[both]


def _checked(ratings: npt.ArrayLike, categories: int) -> IntArray:
    codes = _codes(ratings)
    if codes.ndim != 2:
        raise ValueError(f"expected ratings (items, raters), not an array of shape {codes.shape}")
    if categories < 1:
        raise ValueError("ratings need at least one category")
    if codes.size and codes.max() >= categories:
        raise ValueError(f"a rating of {codes.max()} is none of {categories} categories from 0")
    return codes


def _codes(ratings: npt.ArrayLike) -> IntArray:
    codes = np.asarray(ratings)
    if not np.issubdtype(codes.dtype, np.integer):
        raise ValueError(f"ratings are integer codes, not {codes.dtype}")
    codes = codes.astype(np.int64)
    if codes.size and codes.min() < MISSING:
        raise ValueError(f"a rating is a code from 0 on, or {MISSING} where it is missing")
    return codes
