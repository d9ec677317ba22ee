"""What must not matter to a result: the order of failures, how they are parted, doing it twice."""

import json
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from firstmile.study.analysis import Outcome, run_analyses
from firstmile.study.counts import RowCounts
from firstmile.study.failures import Column, Failures, merge
from firstmile.study.plain import plain
from firstmile.study.settings import Settings

pytestmark = pytest.mark.long

FEW = Settings(permutations=99, bootstraps=100, noise_replicates=20)
"""Settings under which the suite stays quick; no test here depends on the number of draws."""


def as_bytes(outcomes: Mapping[str, Outcome]) -> dict[str, bytes]:
    """Return every outcome as JSON, or the reason why there is none."""
    return {
        name: json.dumps(plain(o.result), sort_keys=True).encode()
        if o.missing is None
        else o.missing.encode()
        for name, o in outcomes.items()
    }


@pytest.fixture(scope="module")
def dated(published_rows: RowCounts) -> Failures:
    """Return the published failures with invented days, so that every analysis has an answer."""
    failures = published_rows.failures
    days = np.datetime64("2023-03-01") + (np.arange(len(failures)) * 37 % 700)
    return replace(failures, created=days.astype("datetime64[D]"))


@pytest.fixture(scope="module")
def straight(dated: Failures) -> Mapping[str, bytes]:
    return as_bytes(run_analyses(RowCounts(dated), FEW))


def differing(one: Mapping[str, bytes], other: Mapping[str, bytes]) -> list[str]:
    return [name for name in one if one[name] != other[name]]


def test_the_same_failures_give_the_same_results_twice(
    dated: Failures, straight: Mapping[str, bytes]
) -> None:
    assert not differing(straight, as_bytes(run_analyses(RowCounts(dated), FEW)))


def test_the_order_of_the_rows_changes_no_result(
    dated: Failures, straight: Mapping[str, bytes]
) -> None:
    order = np.random.default_rng(1).permutation(len(dated))
    shuffled = as_bytes(run_analyses(RowCounts(dated.take(order)), FEW))
    assert not differing(straight, shuffled)


def test_another_seed_changes_what_is_drawn(dated: Failures, straight: Mapping[str, bytes]) -> None:
    other = replace(FEW, seed=1)
    changed = differing(straight, as_bytes(run_analyses(RowCounts(dated), other)))
    assert {"symptom_by_cause", "series_similarity", "label_noise"} <= set(changed)
    assert not {"symptom_shares", "deployment_stack"} & set(changed)


def as_read(failures: Failures) -> Failures:
    """Return failures as a reader would give them: free columns hold what occurs, sorted."""
    columns = {
        name: column
        if name in ("symptom_leaf", "cause_leaf", "stage")
        else Column.of(column.values())
        for name, column in failures.columns.items()
    }
    return replace(failures, columns=columns)


@pytest.mark.parametrize("how", ["by series", "every third"])
def test_merging_two_sources_equals_reading_both(
    dated: Failures, straight: Mapping[str, bytes], how: str
) -> None:
    series = dated.columns["series"].codes
    place = np.arange(len(dated))
    first = series == 2 if how == "by series" else place % 3 == 0
    parts = [as_read(dated.take(first)), as_read(dated.take(~first))]
    assert not differing(straight, as_bytes(run_analyses(RowCounts(merge(parts)), FEW)))
    swapped = as_bytes(run_analyses(RowCounts(merge(parts[::-1])), FEW))
    assert not differing(straight, swapped)
