"""Two groups' profiles beside their nulls."""

import numpy as np
import pytest

from firstmile.study.counts import Table
from firstmile.study.profiles import MEASURES, compare_nested, compare_pair
from firstmile.study.settings import Settings

FEW = Settings(permutations=499, bootstraps=200)


def table(*profiles: list[int], rows: str = "series") -> Table:
    counts = np.array(profiles, dtype=np.int64)
    return Table(
        rows=rows,
        columns="cause",
        row_codes=tuple("ABCDEFGH"[: counts.shape[0]]),
        column_codes=tuple("wxyz"[: counts.shape[1]]),
        counts=counts,
    )


def test_equal_profiles_are_as_alike_as_their_null() -> None:
    pair = compare_pair(table([10, 20, 30], [20, 40, 60]), "A", "B", FEW)
    assert pair.measure("Pearson").value == pytest.approx(1)
    assert pair.measure("total variation").value == pytest.approx(0)
    assert all(item.p is not None and item.p > 0.9 for item in pair.measures)
    assert pair.total_variation is not None
    assert pair.total_variation.low == 0


def test_opposite_profiles_are_as_unlike_as_can_be() -> None:
    pair = compare_pair(table([40, 0], [0, 40]), "A", "B", FEW)
    assert pair.measure("total variation").value == 1
    assert pair.measure("Jensen-Shannon").value == pytest.approx(1)
    assert pair.measure("total variation").p == 1 / 500


def test_both_orders_of_a_pair_say_the_same() -> None:
    counts = table([30, 5, 9], [4, 21, 8])
    for name in MEASURES:
        one = compare_pair(counts, "A", "B", FEW).measure(name)
        other = compare_pair(counts, "B", "A", FEW).measure(name)
        assert one.value == pytest.approx(other.value)
        assert one.p == pytest.approx(other.p, abs=0.05)


def test_a_category_that_is_left_out_is_named() -> None:
    pair = compare_pair(table([90, 1, 2], [90, 2, 1]), "A", "B", FEW, left_out="w")
    assert pair.left_out == "w"
    assert (pair.n_first, pair.n_second) == (3, 3)


def test_a_profile_that_is_empty_without_it_has_no_total_variation() -> None:
    pair = compare_pair(table([90, 0, 0], [90, 2, 1]), "A", "B", FEW, left_out="w")
    assert pair.total_variation is None
    assert pair.measure("total variation").value is None
    assert pair.measure("Pearson").p is None


def test_a_flat_profile_has_no_correlation() -> None:
    pair = compare_pair(table([5, 5], [5, 5]), "A", "B", FEW)
    assert pair.measure("Pearson").value is None
    assert pair.measure("total variation").value == 0


def test_few_members_are_enumerated_exactly() -> None:
    members = table([9, 1], [8, 2], [1, 9], [2, 8], rows="repository")
    owners = {"A": "one", "B": "one", "C": "two", "D": "two"}
    pair = compare_nested(members, owners, "one", "two", FEW)
    assert pair is not None
    assert pair.level == "repository"
    item = pair.measure("total variation")
    assert item.draws == 6
    # Of six ways to choose two of four members, the observed one and its mirror are extreme.
    assert item.p == pytest.approx(2 / 6)


def test_many_members_are_drawn() -> None:
    members = table(*([n, 9 - n] for n in range(8)), rows="repository")
    owners = {code: "one" if code < "E" else "two" for code in members.row_codes}
    pair = compare_nested(members, owners, "one", "two", Settings(permutations=50))
    assert pair is not None
    assert pair.measure("total variation").draws == 50


def test_a_group_without_members_is_not_compared() -> None:
    members = table([9, 1], [8, 2], rows="repository")
    assert compare_nested(members, {"A": "one", "B": "one"}, "one", "two", FEW) is None
