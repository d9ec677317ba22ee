"""Label noise: exact counts kept, expected counts right, no association out of nothing."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from firstmile.statistics.contingency import chi_square_statistics
from firstmile.statistics.relabeling import disagreement_confusion, relabel, uniform_confusion

Table = npt.NDArray[np.int64]
Confusion = npt.NDArray[np.float64]

TABLE = np.array([[40, 0, 7, 1], [3, 25, 0, 12], [0, 9, 60, 5]])
RAGGED = np.array([[0.7, 0.3, 0.0], [0.0, 0.9, 0.1], [0.2, 0.2, 0.6]])
"""Uneven noise in which no category can be reached from everywhere but the second."""
RAGGED_COLUMNS = disagreement_confusion([[9, 1, 1, 1], [3, 5, 2, 1], [0, 1, 6, 4], [1, 0, 0, 2]])

tables = arrays.arrays(
    np.int64, st.tuples(st.integers(1, 5), st.integers(1, 5)), elements=st.integers(0, 50)
)
seeds = st.integers(0, 2**32)


@st.composite
def confusions(draw: st.DrawFn, categories: int) -> Confusion:
    """Draw a confusion with zeros in it, whose rows add up to 1."""
    weights = draw(
        arrays.arrays(np.int64, (categories, categories), elements=st.integers(0, 5))
    ) + np.eye(categories, dtype=np.int64)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def test_uniform_confusion_keeps_a_label_or_moves_it_anywhere_else() -> None:
    expected = [[0.7, 0.15, 0.15], [0.15, 0.7, 0.15], [0.15, 0.15, 0.7]]
    assert uniform_confusion(3, rate=0.3) == pytest.approx(np.array(expected))
    assert uniform_confusion(1, rate=0.3).tolist() == [[1.0]]


def test_disagreement_confusion_sides_with_neither_rater() -> None:
    confusion = disagreement_confusion([[8, 2, 0], [0, 4, 0], [0, 0, 0]])
    assert confusion == pytest.approx(np.array([[16 / 18, 2 / 18, 0], [0.2, 0.8, 0], [0, 0, 1]]))
    assert np.array_equal(confusion, disagreement_confusion([[8, 0, 0], [2, 4, 0], [0, 0, 0]]))


@given(table=tables, seed=seeds)
def test_identity_returns_the_table(table: Table, seed: int) -> None:
    relabeled = relabel(
        table,
        row_confusion=np.eye(table.shape[0]),
        column_confusion=uniform_confusion(table.shape[1], rate=0),
        replicates=3,
        generator=np.random.default_rng(seed),
    )
    assert relabeled.dtype == np.int64
    assert np.array_equal(relabeled, np.stack([table] * 3))
    untouched = relabel(table, replicates=2, generator=np.random.default_rng(seed))
    assert np.array_equal(untouched, np.stack([table] * 2))


@given(data=st.data(), table=tables, seed=seeds)
def test_no_failure_is_lost_or_made_up(data: st.DataObject, table: Table, seed: int) -> None:
    relabeled = relabel(
        table,
        row_confusion=data.draw(confusions(table.shape[0])),
        column_confusion=data.draw(confusions(table.shape[1])),
        replicates=4,
        generator=np.random.default_rng(seed),
    )
    assert relabeled.shape == (4, *table.shape)
    assert relabeled.min() >= 0
    assert (relabeled.sum(axis=(1, 2)) == table.sum()).all()


@given(data=st.data(), table=tables, seed=seeds)
def test_redrawing_one_axis_leaves_the_other_axis_margin(
    data: st.DataObject, table: Table, seed: int
) -> None:
    by_rows = relabel(
        table,
        row_confusion=data.draw(confusions(table.shape[0])),
        replicates=4,
        generator=np.random.default_rng(seed),
    )
    assert (by_rows.sum(axis=1) == table.sum(axis=0)).all()
    by_columns = relabel(
        table,
        column_confusion=data.draw(confusions(table.shape[1])),
        replicates=4,
        generator=np.random.default_rng(seed),
    )
    assert (by_columns.sum(axis=2) == table.sum(axis=1)).all()


@pytest.mark.parametrize(
    ("row_confusion", "column_confusion"),
    [
        (uniform_confusion(3, rate=0.2), None),
        (None, uniform_confusion(4, rate=0.3)),
        (uniform_confusion(3, rate=0.2), uniform_confusion(4, rate=0.3)),
        (uniform_confusion(3, rate=2 / 3), uniform_confusion(4, rate=1.0)),
        (RAGGED, disagreement_confusion([[9, 1, 0, 0], [3, 5, 2, 0], [0, 1, 0, 4], [0, 0, 0, 2]])),
        (np.full((3, 3), 1 / 3), None),
    ],
)
def test_expected_counts_are_the_matrix_product(
    row_confusion: Confusion | None, column_confusion: Confusion | None
) -> None:
    replicates = 20_000
    relabeled = relabel(
        TABLE,
        row_confusion=row_confusion,
        column_confusion=column_confusion,
        replicates=replicates,
        generator=np.random.default_rng(7),
    )
    rows = np.eye(3) if row_confusion is None else row_confusion
    columns = np.eye(4) if column_confusion is None else column_confusion
    expected = rows.T @ TABLE @ columns
    # A count is a sum of independent draws, one for each failure: at most binomial variance.
    error = np.sqrt(np.maximum(expected, 1e-3) / replicates)
    assert (np.abs(relabeled.mean(axis=0) - expected) < 5 * error).all()


def test_counts_vary_as_independent_draws_do() -> None:
    relabeled = relabel(
        TABLE,
        row_confusion=uniform_confusion(3, rate=0.2),
        column_confusion=RAGGED_COLUMNS,
        replicates=20_000,
        generator=np.random.default_rng(11),
    )
    reach = np.einsum("ri,cj->rcij", uniform_confusion(3, rate=0.2), RAGGED_COLUMNS)
    variance = np.einsum("rc,rcij->ij", TABLE, reach * (1 - reach))
    assert relabeled.var(axis=0) == pytest.approx(variance, rel=0.06)
    one, other = relabeled[:, 0, 0], relabeled[:, 1, 2]
    covariance = -(TABLE * reach[:, :, 0, 0] * reach[:, :, 1, 2]).sum()
    assert np.cov(one, other)[0, 1] == pytest.approx(covariance, abs=0.25)


@pytest.mark.parametrize(
    "noise", [uniform_confusion(4, rate=0.3), RAGGED_COLUMNS], ids=["uniform", "uneven"]
)
def test_noise_makes_no_association_between_independent_axes(noise: Confusion) -> None:
    independent = np.outer([10, 20, 30], [40, 10, 25, 25])
    relabeled = relabel(
        independent,
        row_confusion=RAGGED,
        column_confusion=noise,
        replicates=4000,
        generator=np.random.default_rng(13),
    )
    # The cells were exactly as expected before, so what is left is at most chance: 6 degrees
    # of freedom, with a mean of 6.
    assert chi_square_statistics(relabeled).mean() < 6


def test_more_noise_leaves_less_association() -> None:
    left = [
        chi_square_statistics(
            relabel(
                TABLE,
                row_confusion=uniform_confusion(3, rate=rate),
                column_confusion=uniform_confusion(4, rate=rate),
                replicates=500,
                generator=np.random.default_rng(17),
            )
        ).mean()
        for rate in (0, 0.1, 0.2, 0.3)
    ]
    assert left == sorted(left, reverse=True)
    assert left[0] > 3 * left[-1]


def test_a_large_table_is_redrawn_batch_by_batch() -> None:
    relabeled = relabel(
        np.eye(200, dtype=np.int64),
        column_confusion=uniform_confusion(200, rate=0.5),
        replicates=120,
        generator=np.random.default_rng(23),
    )
    assert (relabeled.sum(axis=2) == 1).all()
    kept = relabeled.trace(axis1=1, axis2=2)
    assert len(set(kept.tolist())) > 10
    assert kept.mean() == pytest.approx(100, abs=4)


def test_rounding_loses_none_of_very_many_failures() -> None:
    # 21 times 1/21 falls short of 1 by rounding; of 8.4e18 failures thousands would be left.
    large = relabel(
        np.full((21, 1), 4 * 10**17),
        row_confusion=np.full((21, 21), 1 / 21),
        replicates=3,
        generator=np.random.default_rng(19),
    )
    assert (large.sum(axis=(1, 2)) == 21 * 4 * 10**17).all()


@pytest.mark.parametrize(
    ("confusion", "message"),
    [
        (np.eye(2), "3 categories"),
        (np.full((3, 3), 0.5), "add up to 1"),
        (np.array([[2.0, -1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), "add up to 1"),
    ],
)
def test_what_is_not_a_confusion_is_rejected(confusion: Confusion, message: str) -> None:
    generator = np.random.default_rng(1)
    with pytest.raises(ValueError, match=message):
        relabel(TABLE, row_confusion=confusion, replicates=1, generator=generator)


def test_weights_cannot_be_relabeled() -> None:
    with pytest.raises(ValueError, match="whole counts"):
        relabel([[0.5, 1.0]], replicates=1, generator=np.random.default_rng(1))


@pytest.mark.parametrize("rate", [-0.1, 1.1])
def test_a_rate_is_a_probability(rate: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        uniform_confusion(3, rate=rate)


@pytest.mark.parametrize("matrix", [[[1, 2, 3]], [[1, -1], [0, 1]], []])
def test_a_confusion_is_made_from_square_counts(matrix: list[list[int]]) -> None:
    with pytest.raises(ValueError, match=r"square|negative"):
        disagreement_confusion(matrix)
