"""Dawid and Skene's estimates: by hand, against crowd-kit, in the limit, and where they end."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from firstmile.statistics.dawid_skene import DawidSkene, dawid_skene

Ratings = npt.NDArray[np.int64]

# One word an item, one character a rater, "." where the rating is missing.
THIRTY_ITEMS = (
    "0000 0101 0000 1111 0010 01.1 1101 0.00 0110 1111 1011 000. 0010 1.10 0111 0100 "
    "1110 1100 .001 1111 0000 1001 01.1 0011 1.11 0000 1010 0001 110. 0110"
)

# crowd-kit 1.4.2, DawidSkene(n_iter=20000, tol=1e-15) on THIRTY_ITEMS: the posterior of
# category 1 for each item, the prior, and worker by worker the chance to say 1 of a 0 and of a 1.
CROWD_KIT_POSTERIORS = [
    *(0.066654, 0.935307, 0.066654, 1.0, 0.341656, 0.969708, 1.0, 0.180753, 0.937818, 1.0),
    *(1.0, 0.132104, 0.341656, 1.0, 0.990572, 0.674839, 1.0, 1.0, 0.540511, 1.0),
    *(0.066654, 1.0, 0.969708, 0.783324, 1.0, 0.066654, 1.0, 0.332214, 1.0, 0.937818),
]
CROWD_KIT_PREVALENCE = [0.288847, 0.711153]
CROWD_KIT_SAYS_ONE = [
    (0.0, 0.577087),
    (0.074461, 0.700421),
    (0.193747, 0.635871),
    (0.189632, 0.619792),
]


def read(words: str) -> Ratings:
    return np.array([[-1 if c == "." else int(c) for c in word] for word in words.split()])


def test_one_step_is_as_worked_by_hand() -> None:
    """Votes 2/3 to 1/3 for the first item give, by equations 2.3 to 2.5, 8/9 to 1/9."""
    found = dawid_skene(read("001 000 111"), categories=2, iterations=1)
    assert found.prevalence == pytest.approx([5 / 9, 4 / 9])
    assert found.confusions[0] == pytest.approx(np.array([[1, 0], [1 / 4, 3 / 4]]))
    assert found.confusions[2] == pytest.approx(np.array([[3 / 5, 2 / 5], [0, 1]]))
    assert found.evidence[0] == pytest.approx([5 / 3, 4 / 3])
    assert found.posteriors[0] == pytest.approx([8 / 9, 1 / 9])
    # Item 2: 5/9 * 1 * 1 * 3/5 against 0; item 3: 0 against 4/9 * 3/4 * 3/4 * 1.
    assert found.log_likelihood == pytest.approx(np.log((2 / 9 + 1 / 36) * (1 / 3) * (1 / 4)))
    assert not found.converged


def test_estimates_are_those_of_crowd_kit() -> None:
    found = dawid_skene(read(THIRTY_ITEMS), categories=2)
    assert found.converged
    assert found.posteriors[:, 1] == pytest.approx(CROWD_KIT_POSTERIORS, abs=5e-5)
    assert found.prevalence == pytest.approx(CROWD_KIT_PREVALENCE, abs=5e-5)
    assert found.confusions[:, :, 1] == pytest.approx(np.array(CROWD_KIT_SAYS_ONE), abs=5e-5)


def test_raters_who_agree_are_right() -> None:
    found = dawid_skene(read("000 111 222 000"), categories=3)
    assert found.most_likely().tolist() == [0, 1, 2, 0]
    assert found.accuracy() == pytest.approx([1, 1, 1])
    assert found.log_likelihood == pytest.approx(2 * np.log(1 / 2) + 2 * np.log(1 / 4))
    assert found.converged


def test_a_better_rater_outvotes_two_worse_ones() -> None:
    generator = np.random.default_rng(7)
    truth = generator.integers(0, 3, size=2_000)
    chances = np.array([0.97, 0.45, 0.45, 0.9])
    right = generator.random((2_000, 4)) < chances
    wrong = (truth[:, None] + generator.integers(1, 3, size=(2_000, 4))) % 3
    ratings = np.where(right, truth[:, None], wrong)
    ratings[generator.random((2_000, 4)) < 0.2] = -1
    found = dawid_skene(ratings, categories=3)
    assert found.accuracy() == pytest.approx(chances, abs=0.04)
    votes = np.stack([(ratings == code).sum(axis=1) for code in range(3)], axis=1)
    by_majority = (votes.argmax(axis=1) == truth).mean()
    assert (found.most_likely() == truth).mean() > by_majority + 0.05


def test_an_item_nobody_rated_stays_unknown() -> None:
    found = dawid_skene(read("000 ... 111"), categories=2)
    assert np.isnan(found.posteriors[1]).all()
    assert found.most_likely().tolist() == [0, -1, 1]
    assert np.isnan(found.certainty()[1])


def test_a_rater_without_ratings_has_no_accuracy() -> None:
    found = dawid_skene(read("000. 111. 010."), categories=2)
    assert np.isnan(found.accuracy()[3])
    assert found.confusions[3].tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert found.evidence[3].tolist() == [0, 0]


def test_a_tie_is_no_answer() -> None:
    found = dawid_skene(read("01. 10. ..0 ..1"), categories=2)
    assert found.most_likely().tolist() == [-1, -1, 0, 1]


def test_smoothing_keeps_chances_off_0_and_1() -> None:
    found = dawid_skene(read("000 111 000 111"), categories=2, smoothing=0.5)
    expected = 2.5 / 3
    assert found.confusions[0, 0, 0] == pytest.approx(expected, abs=0.01)
    assert 0.9 < found.certainty().min() < 1


@pytest.mark.parametrize("words", ["00 11 01", "00. 11. 01.", "..."])
def test_two_raters_are_too_few(words: str) -> None:
    with pytest.raises(ValueError, match="3 raters"):
        dawid_skene(read(words), categories=2)


def test_what_is_no_rating_is_refused() -> None:
    with pytest.raises(ValueError, match="below 2"):
        dawid_skene(read("002"), categories=2)
    with pytest.raises(ValueError, match="integer codes"):
        dawid_skene(np.array([[0.5, 1, 1]]), categories=2)
    with pytest.raises(ValueError, match="smoothing"):
        dawid_skene(read("001"), categories=2, smoothing=-1)


def ratings() -> st.SearchStrategy[Ratings]:
    shapes = st.tuples(st.integers(2, 9), st.integers(3, 4))
    return shapes.flatmap(
        lambda shape: arrays(np.int64, shape, elements=st.integers(-1, 2))
    ).filter(lambda codes: (codes >= 0).any(axis=0).sum() >= 3)


@given(ratings(), st.sampled_from([0.0, 0.1]))
def test_posteriors_and_chances_add_up(codes: Ratings, smoothing: float) -> None:
    found = dawid_skene(codes, categories=3, smoothing=smoothing)
    rated = (codes >= 0).any(axis=1)
    assert found.posteriors[rated].sum(axis=1) == pytest.approx(1)
    assert found.prevalence.sum() == pytest.approx(1)
    assert found.confusions.sum(axis=2) == pytest.approx(np.ones(found.evidence.shape))
    assert found.evidence.sum(axis=1) == pytest.approx((codes >= 0).sum(axis=0))


@given(ratings())
def test_more_steps_never_fit_worse(codes: Ratings) -> None:
    fits = [
        dawid_skene(codes, categories=3, iterations=n, tolerance=-1).log_likelihood
        for n in (1, 2, 5, 20)
    ]
    assert fits == sorted(fits) or fits == pytest.approx(sorted(fits), abs=1e-9)


@given(ratings(), st.integers(0, 1000))
def test_the_order_of_items_and_raters_changes_nothing(codes: Ratings, seed: int) -> None:
    generator = np.random.default_rng(seed)
    items = generator.permutation(len(codes))
    raters = generator.permutation(codes.shape[1])
    one = same_steps(codes)
    other = same_steps(codes[items][:, raters])
    rated = (codes[items] >= 0).any(axis=1)
    assert other.posteriors[rated] == pytest.approx(one.posteriors[items][rated], abs=1e-6)
    assert other.confusions == pytest.approx(one.confusions[raters], abs=1e-6)


def same_steps(codes: Ratings) -> DawidSkene:
    """Take a fixed number of steps: where to stop may hang on the last digit."""
    return dawid_skene(codes, categories=3, iterations=5, tolerance=-1)
