"""Agreement: published examples, reference implementations, and what must not matter.

The figures of the references were computed with irrCAC 0.4.4, krippendorff 0.9.0,
scikit-learn 1.9.1 and statsmodels 0.15.0.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from firstmile.statistics.agreement import (
    Coefficient,
    agreement_interval,
    cohen_kappa,
    confusion_matrix,
    fleiss_kappa,
    gwet_ac1,
    gwet_ac1_standard_error,
    krippendorff_alpha,
    percent_agreement,
)

Ratings = npt.NDArray[np.int64]

# Krippendorff (2011), section C: four observers, twelve units, categories 1 to 5; a dot is
# missing.
FOUR_OBSERVERS = "11.1 2232 3333 3333 2222 1234 4444 1121 2222 .555 ..11 ..3."
# Fleiss (1971): six psychiatrists' diagnoses of thirty patients, which raters apart.
DIAGNOSES = (
    "444444 222555 233335 555555 222444 113333 333355 113334 114444 555555 "
    "144444 124444 222333 144444 224445 333335 111455 111112 224444 133555 "
    "555555 244444 224555 114444 144445 222224 111155 224444 133333 555555"
)
THREE_RATERS = "111 113 333 22. 23. 444 1.. 331 44. 222 124 3.3"

COEFFICIENTS = [percent_agreement, fleiss_kappa, gwet_ac1, krippendorff_alpha]
RESAMPLED = [each for each in Coefficient if each is not Coefficient.COHEN_KAPPA]

of_up_to_four_categories = arrays.arrays(
    np.int64,
    st.tuples(st.integers(1, 12), st.integers(1, 5)),
    elements=st.integers(-1, 3),
)


def read(text: str) -> Ratings:
    return np.array([[-1 if c == "." else int(c) - 1 for c in item] for item in text.split()])


def pairs(confusion: list[list[int]]) -> Ratings:
    """Return two raters' codes (items, 2) with these counts of both."""
    table = np.array(confusion)
    return np.repeat(np.argwhere(table >= 0), table.ravel(), axis=0)


def defined(value: float | None) -> float:
    assert value is not None
    return value


def test_alpha_of_krippendorffs_own_example_is_743() -> None:
    alpha = defined(krippendorff_alpha(read(FOUR_OBSERVERS), categories=5))
    assert round(alpha, 3) == 0.743
    assert alpha == pytest.approx(0.743421052631579)  # krippendorff and irrCAC


def test_kappa_of_fleiss_own_example_is_430() -> None:
    kappa = defined(fleiss_kappa(read(DIAGNOSES), categories=5))
    assert round(kappa, 3) == 0.430
    assert kappa == pytest.approx(0.4302445201, abs=1e-10)  # irrCAC and statsmodels
    assert percent_agreement(read(DIAGNOSES), categories=5) == pytest.approx(5 / 9)


def test_kappa_of_cohens_own_example_is_492() -> None:
    # Cohen (1960), table 2b on page 45: 200 items.
    a, b = pairs([[88, 14, 18], [10, 40, 10], [2, 6, 12]]).T
    kappa = defined(cohen_kappa(a, b))
    assert round(kappa, 3) == 0.492
    assert kappa == pytest.approx(0.4915254237288136)  # scikit-learn


def test_ac1_stays_high_where_kappa_turns_negative() -> None:
    # The paradox of kappa that Gwet (2008) sets out from: 94% agreement, one rare category.
    ratings = pairs([[118, 5], [2, 0]])
    assert cohen_kappa(*ratings.T) == pytest.approx(-0.023391812865497075)  # scikit-learn
    assert gwet_ac1(ratings, categories=2) == pytest.approx(0.9407763376, abs=1e-10)  # irrCAC
    assert fleiss_kappa(ratings, categories=2) == pytest.approx(-0.028806584362140154)
    assert krippendorff_alpha(ratings, categories=2) == pytest.approx(-0.024691358024691468)


@pytest.mark.parametrize(
    ("text", "categories", "agreement", "fleiss", "ac1", "standard_error", "alpha"),
    [
        (
            *(FOUR_OBSERVERS, 5),
            *(0.8181818182, 0.7611692754, 0.7754440681, 0.1429499506, 0.7434210526),
        ),
        # With two categories more, which nobody used.
        (
            *(FOUR_OBSERVERS, 7),
            *(0.8181818182, 0.7611692754, 0.7917601868, 0.1361138214, 0.7434210526),
        ),
        (
            *(THREE_RATERS, 4),
            *(0.6969696970, 0.5928177577, 0.5969961286, 0.1804882759, 0.5974440895),
        ),
        (
            *(THREE_RATERS, 5),
            *(0.6969696970, 0.5928177577, 0.6277025498, 0.1691768707, 0.5974440895),
        ),
        (
            *(DIAGNOSES, 5),
            *(0.5555555556, 0.4302445201, 0.4478845158, 0.0556621417, 0.4334098283),
        ),
    ],
)
def test_coefficients_agree_with_irrcac(
    text: str,
    categories: int,
    agreement: float,
    fleiss: float,
    ac1: float,
    standard_error: float,
    alpha: float,
) -> None:
    ratings = read(text)
    computed = {
        "percent agreement": percent_agreement(ratings, categories=categories),
        "fleiss": fleiss_kappa(ratings, categories=categories),
        "ac1": gwet_ac1(ratings, categories=categories),
        "standard error": gwet_ac1_standard_error(ratings, categories=categories),
        "alpha": krippendorff_alpha(ratings, categories=categories),
    }
    reference = {
        "percent agreement": agreement,
        "fleiss": fleiss,
        "ac1": ac1,
        "standard error": standard_error,
        "alpha": alpha,
    }
    assert computed == pytest.approx(reference, abs=2e-10)


def test_cohens_kappa_leaves_out_what_either_rater_left_out() -> None:
    a = np.array([0, 1, 2, -1, 3, 3, 0, 1, 1, 2])
    b = np.array([0, 2, 2, 1, 3, 0, 0, -1, 1, 1])
    assert cohen_kappa(a, b) == pytest.approx(0.5)  # scikit-learn, over the other eight


def test_confusion_matrix_counts_the_first_rater_in_rows() -> None:
    confusion = confusion_matrix([0, 0, 2, -1, 1], [1, 0, 2, 1, -1], categories=3)
    assert confusion.tolist() == [[1, 1, 0], [0, 0, 0], [0, 0, 1]]


@pytest.mark.parametrize("coefficient", COEFFICIENTS)
def test_nothing_is_known_where_no_item_has_two_ratings(
    coefficient: Callable[..., float | None],
) -> None:
    assert coefficient(np.array([[0, -1], [-1, 1], [-1, -1]]), categories=2) is None
    assert coefficient(np.empty((0, 2), dtype=np.int64), categories=2) is None


def test_one_category_alone_leaves_kappa_and_alpha_undefined() -> None:
    ratings = np.ones((5, 3), dtype=np.int64)
    assert fleiss_kappa(ratings, categories=3) is None
    assert krippendorff_alpha(ratings, categories=3) is None
    assert cohen_kappa(ratings[:, 0], ratings[:, 1]) is None
    assert percent_agreement(ratings, categories=3) == 1
    assert gwet_ac1(ratings, categories=3) == 1
    assert gwet_ac1(np.zeros((5, 3), dtype=np.int64), categories=1) is None


def test_standard_error_needs_two_items() -> None:
    assert gwet_ac1(np.array([[0, 0], [-1, -1]]), categories=2) == 1
    assert gwet_ac1_standard_error(np.array([[0, 0], [-1, -1]]), categories=2) is None


@given(ratings=of_up_to_four_categories, renamed=st.permutations(range(4)))
def test_renaming_categories_changes_nothing(ratings: Ratings, renamed: list[int]) -> None:
    names = np.array([*renamed, -1])
    for coefficient in (*COEFFICIENTS, gwet_ac1_standard_error):
        before = coefficient(ratings, categories=4)
        assert coefficient(names[ratings], categories=4) == pytest.approx(before)
    before = cohen_kappa(ratings[:, 0], ratings[:, -1])
    assert cohen_kappa(names[ratings[:, 0]], names[ratings[:, -1]]) == pytest.approx(before)


@given(ratings=of_up_to_four_categories, seed=st.integers(0, 2**32))
def test_order_of_items_and_raters_changes_nothing(ratings: Ratings, seed: int) -> None:
    generator = np.random.default_rng(seed)
    shuffled = generator.permutation(generator.permutation(ratings, axis=0), axis=1)
    for coefficient in (*COEFFICIENTS, gwet_ac1_standard_error):
        before = coefficient(ratings, categories=4)
        assert coefficient(shuffled, categories=4) == pytest.approx(before)


@given(ratings=of_up_to_four_categories)
def test_cohens_kappa_is_symmetric(ratings: Ratings) -> None:
    a, b = ratings[:, 0], ratings[:, -1]
    assert cohen_kappa(a, b) == cohen_kappa(b, a)
    transposed = confusion_matrix(b, a, categories=4).T
    assert np.array_equal(confusion_matrix(a, b, categories=4), transposed)


@given(
    codes=st.lists(st.integers(0, 3), min_size=2, max_size=30).filter(lambda c: len(set(c)) > 1),
    raters=st.integers(2, 5),
)
def test_perfect_agreement_is_one(codes: list[int], raters: int) -> None:
    ratings = np.repeat(np.array(codes)[:, None], raters, axis=1)
    for coefficient in COEFFICIENTS:
        assert coefficient(ratings, categories=4) == pytest.approx(1)
    assert cohen_kappa(ratings[:, 0], ratings[:, 1]) == 1


@given(ratings=of_up_to_four_categories)
def test_an_item_nobody_rated_changes_nothing(ratings: Ratings) -> None:
    unrated = np.full((1, ratings.shape[1]), -1)
    for coefficient in (*COEFFICIENTS, gwet_ac1_standard_error):
        before = coefficient(ratings, categories=4)
        assert coefficient(np.vstack([ratings, unrated]), categories=4) == pytest.approx(before)


def noisy_ratings(items: int, raters: int) -> Ratings:
    generator = np.random.default_rng(5)
    truth = generator.integers(3, size=(items, 1))
    right = generator.random((items, raters)) < 0.7
    ratings = np.where(right, truth, generator.integers(3, size=(items, raters)))
    return np.where(generator.random((items, raters)) < 0.1, -1, ratings)


def interval(
    ratings: Ratings, coefficient: Coefficient, *, replicates: int = 2000, seed: int = 1
) -> tuple[float, float]:
    found = agreement_interval(
        ratings,
        coefficient=coefficient,
        categories=3,
        replicates=replicates,
        generator=np.random.default_rng(seed),
    )
    assert found is not None
    return found.low, found.high


@pytest.mark.parametrize("coefficient", Coefficient)
def test_interval_is_that_of_items_drawn_one_by_one(coefficient: Coefficient) -> None:
    ratings = noisy_ratings(150, 2 if coefficient is Coefficient.COHEN_KAPPA else 4)
    rated = ratings[(ratings >= 0).any(axis=1)]
    if coefficient is Coefficient.COHEN_KAPPA:
        rated = ratings[(ratings >= 0).all(axis=1)]
    generator = np.random.default_rng(2)
    replicates = []
    for _ in range(1000):
        drawn = rated[generator.integers(len(rated), size=len(rated))]
        if coefficient is Coefficient.COHEN_KAPPA:
            replicates.append(defined(cohen_kappa(*drawn.T)))
        else:
            formula = dict(zip(RESAMPLED, COEFFICIENTS, strict=True))[coefficient]
            replicates.append(defined(formula(drawn, categories=3)))
    expected = tuple(np.quantile(replicates, [0.025, 0.975]))
    assert interval(ratings, coefficient) == pytest.approx(expected, abs=0.015)


def test_interval_of_ac1_agrees_with_its_standard_error() -> None:
    ratings = noisy_ratings(1000, 4)
    low, high = interval(ratings, Coefficient.GWET_AC1, replicates=10_000)
    error = defined(gwet_ac1_standard_error(ratings, categories=3))
    assert (high - low) / 2 == pytest.approx(1.96 * error, rel=0.04)
    assert (high + low) / 2 == pytest.approx(gwet_ac1(ratings, categories=3), abs=0.002)


@pytest.mark.parametrize("coefficient", Coefficient)
def test_interval_follows_from_its_generator(coefficient: Coefficient) -> None:
    ratings = noisy_ratings(60, 2)
    assert interval(ratings, coefficient, seed=3) == interval(ratings, coefficient, seed=3)
    assert interval(ratings, coefficient, seed=3) != interval(ratings, coefficient, seed=4)


@pytest.mark.parametrize("coefficient", Coefficient)
def test_one_replicate_is_an_interval_of_no_width_and_none_are_rejected(
    coefficient: Coefficient,
) -> None:
    ratings = noisy_ratings(60, 2)
    low, high = interval(ratings, coefficient, replicates=1)
    assert low == high
    with pytest.raises(ValueError, match="at least one replicate"):
        interval(ratings, coefficient, replicates=0)


@pytest.mark.parametrize("coefficient", RESAMPLED)
def test_interval_does_not_depend_on_the_order_of_items_and_raters(
    coefficient: Coefficient,
) -> None:
    ratings = noisy_ratings(60, 3)
    generator = np.random.default_rng(6)
    shuffled = generator.permutation(generator.permutation(ratings, axis=0), axis=1)
    assert interval(shuffled, coefficient) == interval(ratings, coefficient)


@pytest.mark.parametrize("coefficient", Coefficient)
def test_there_is_no_interval_without_a_coefficient(coefficient: Coefficient) -> None:
    found = agreement_interval(
        np.array([[0, -1], [-1, 1]]),
        coefficient=coefficient,
        categories=2,
        replicates=10,
        generator=np.random.default_rng(1),
    )
    assert found is None


def test_resamples_without_a_coefficient_are_left_out() -> None:
    # Of two items that differ, half the resamples hold one category only.
    found = agreement_interval(
        np.array([[0, 0], [1, 1]]),
        coefficient=Coefficient.FLEISS_KAPPA,
        categories=2,
        replicates=50,
        generator=np.random.default_rng(1),
    )
    assert found is not None
    assert (found.low, found.high) == (1, 1)


@pytest.mark.parametrize(
    ("ratings", "message"),
    [
        ([[0, 1], [2, 0]], "a rating of 2 is none of 2 categories"),
        ([[0, -2]], "-1 where it is missing"),
        ([[0.0, 1.0]], "integer codes"),
        ([0, 1], "items, raters"),
    ],
)
def test_what_is_not_a_code_is_rejected(ratings: list[list[float]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        percent_agreement(ratings, categories=2)


def test_cohens_interval_needs_two_raters() -> None:
    with pytest.raises(ValueError, match="two raters, not 3"):
        interval(noisy_ratings(10, 3), Coefficient.COHEN_KAPPA)


def test_two_raters_must_have_rated_the_same_items() -> None:
    with pytest.raises(ValueError, match="every item"):
        cohen_kappa([0, 1], [0, 1, 1])
