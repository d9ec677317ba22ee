"""How each cell of a table is tested, and the table as a whole."""

from itertools import pairwise
from math import comb

import numpy as np
import pytest
from scipy.special import ndtr

from firstmile.study.association import SPARSE, associate
from firstmile.study.counts import Table
from firstmile.study.settings import Settings

FEW = Settings(permutations=199, bootstraps=99)


def table(*rows: list[int]) -> Table:
    return Table(
        rows="symptom",
        columns="cause",
        row_codes=tuple("abcdefgh"[: len(rows)]),
        column_codes=tuple("uvwxyz"[: len(rows[0])]),
        counts=np.array(rows),
    )


def hypergeometric(count: int, row: int, column: int, total: int) -> float:
    """Say the two-sided p in whole numbers, one count after another."""
    expected = row * column / total
    ways = {
        x: comb(row, x) * comb(total - row, column - x)
        for x in range(max(0, row + column - total), min(row, column) + 1)
    }
    far = sum(n for x, n in ways.items() if abs(x - expected) >= abs(count - expected) - 1e-9)
    return far / comb(total, column)


def test_a_sparse_cell_has_its_exact_p() -> None:
    counts = np.array([[9, 1, 90], [0, 40, 60], [1, 49, 350]])
    found = associate(table(*counts.tolist()), FEW, "test")
    sparse = [cell for cell in found.cells if cell.expected < SPARSE]
    assert {cell.column for cell in sparse} == {"u"}
    for cell in sparse:
        row = int(counts["abc".index(cell.row)].sum())
        column = int(counts[:, "uvw".index(cell.column)].sum())
        exact = hypergeometric(int(cell.count), row, column, int(counts.sum()))
        assert cell.p == pytest.approx(exact, rel=1e-9)


def test_an_extreme_sparse_cell_is_told_from_a_less_extreme_one() -> None:
    """However few the draws are: exact p values have no floor."""
    weak, strong, stronger = (
        associate(table([n, 20 - n], [12 - n, 400]), FEW, "test").cell("a", "u") for n in (6, 9, 12)
    )
    assert max(cell.expected for cell in (weak, strong, stronger)) < SPARSE
    assert all(one.p > 100 * other.p > 0 for one, other in pairwise((weak, strong, stronger)))
    assert stronger.p < 1e-9


def test_a_dense_cell_has_the_p_of_its_residual() -> None:
    found = associate(table([60, 40, 100], [30, 70, 100]), FEW, "test")
    assert min(cell.expected for cell in found.cells) >= SPARSE
    for cell in found.cells:
        assert cell.p == pytest.approx(2 * ndtr(-abs(cell.residual)))
    assert found.permutation_p is None


def test_the_observed_table_counts_among_the_permuted_ones() -> None:
    found = associate(table([12, 0], [0, 12], [1, 9]), FEW, "test")
    assert found.permutation_p == 1 / 200
    assert found.decisive_p == found.permutation_p


def test_cells_are_the_same_whatever_the_seed() -> None:
    counts = table([9, 1, 90], [0, 40, 60], [1, 49, 350])
    one, other = (
        associate(counts, Settings(seed=seed, permutations=99, bootstraps=99), "test").cells
        for seed in (1, 2)
    )
    assert one == other
