"""Rows that report the same thing, and the exchange of whole clusters."""

from dataclasses import replace

import numpy as np
import pytest

from firstmile.study.analyses import series_similarity
from firstmile.study.clusters import (
    cluster_of_rows,
    cluster_sizes,
    cluster_table,
    exchanged_tables,
    held_tables,
)
from firstmile.study.counts import NotKnown, RowCounts
from firstmile.study.failures import Column, Failures
from firstmile.study.settings import Settings
from firstmile.study.worked import rows

FEW = Settings(permutations=200)


def reports(issues: str, *, groups: str = "", series: str = "") -> Failures:
    """Return a failure for each letter; a dot is not known. Labels differ from row to row."""
    leaves = ("crash/process-killed", "crash/assertion", "hang/generation", "slow/inference")
    made = rows(
        *((leaves[i % 4], "tokenizer/file", "inference", 1) for i in range(len(issues)))
    ).failures
    named = {"issue": issues, "cluster": groups, "series": series}
    further = {
        name: Column.of([None if letter == "." else letter for letter in letters])
        for name, letters in named.items()
        if letters
    }
    return replace(made, columns={**made.columns, **further})


def together(failures: Failures) -> set[frozenset[int]]:
    """Return the clusters as sets of row numbers."""
    clusters = cluster_of_rows(failures).tolist()
    return {frozenset(np.flatnonzero(np.array(clusters) == c).tolist()) for c in set(clusters)}


def test_rows_of_one_issue_are_a_cluster() -> None:
    assert together(reports("abca")) == {frozenset({0, 3}), frozenset({1}), frozenset({2})}
    assert cluster_sizes(cluster_of_rows(reports("abca"))).tolist() == [2, 1, 1, 2]


def test_rows_that_name_no_issue_are_each_their_own() -> None:
    assert len(together(reports("a..a"))) == 3


def test_rows_of_one_group_of_duplicates_are_a_cluster_whatever_their_issues() -> None:
    assert together(reports("abcd", groups="x.x.")) == {
        frozenset({0, 2}),
        frozenset({1}),
        frozenset({3}),
    }


def test_an_issue_and_a_group_of_one_name_are_not_mixed_up() -> None:
    assert len(together(reports("ab..", groups="..ab"))) == 4


def test_clusters_are_numbered_from_0_without_gaps() -> None:
    assert sorted(set(cluster_of_rows(reports("abcab")).tolist())) == [0, 1, 2]


def test_without_issues_and_groups_nothing_is_known() -> None:
    bare = rows(("crash/process-killed", "hardware/cpu-memory", "inference", 3)).failures
    with pytest.raises(NotKnown, match="neither issues nor groups"):
        cluster_of_rows(bare)


def exchanged(failures: Failures, *axes: str) -> list[np.ndarray]:
    return exchanged_tables(cluster_table(failures, "series", axes), (0, 1), FEW)


def test_the_exchange_keeps_clusters_whole_and_every_failure() -> None:
    failures = reports("aaaabbbbcd", series="AAAABBBBAB")
    (tables,) = exchanged(failures, "symptom")
    assert tables.shape == (200, 2, 5)
    assert set(tables.sum(axis=(1, 2)).tolist()) == {10}
    # Two clusters of four and two of one: a series has 2, 5 or 8 rows, never another number.
    assert set(tables.sum(axis=2).ravel().tolist()) == {2, 5, 8}


def test_the_exchange_does_not_depend_on_the_order_of_the_rows() -> None:
    """Rows without an issue are told apart by their place alone, so theirs must not matter."""
    failures = reports("aabbcc..........", series="AAAAAABBABBABBAA")
    order = np.random.default_rng(3).permutation(len(failures))
    straight = exchanged(failures, "symptom", "cause")
    shuffled = exchanged(failures.take(order), "symptom", "cause")
    for one, other in zip(straight, shuffled, strict=True):
        assert np.array_equal(one, other)


def test_a_cluster_that_spans_groups_is_observed_as_it_is_exchanged() -> None:
    """It counts for the first group in both, so the observed table is one of the exchanged."""
    failures = reports("aabbcd", series="ABAABB")
    clusters = cluster_table(failures, "series", ("symptom",))
    (held,) = held_tables(clusters, (0, 1))
    (tables,) = exchanged_tables(clusters, (0, 1), FEW)
    assert held.sum(axis=1).tolist() == [4, 2]
    assert {tuple(t) for t in tables.sum(axis=2).tolist()} == {(4, 2), (3, 3), (2, 4)}
    assert any(np.array_equal(held, one) for one in tables)

    result = series_similarity.compute(RowCounts(failures), FEW)
    pair = result.pair("symptom", "A", "B", level="cluster")
    assert (pair.n_first, pair.n_second) == (4, 2)


def test_rows_without_a_label_are_counted_nowhere() -> None:
    failures = reports("abcdef", series="AAABBB")
    leaf = failures.columns["symptom_leaf"]
    codes = leaf.codes.copy()
    codes[:2] = -1
    columns = {**failures.columns, "symptom_leaf": Column(leaf.categories, codes)}
    (tables,) = exchanged(replace(failures, columns=columns), "symptom")
    assert set(tables.sum(axis=(1, 2)).tolist()) == {4}
