"""Tables of counts out of rows: whole, weighted, without leaves, and what is not known."""

from dataclasses import replace

import numpy as np
import pytest

from firstmile.study.counts import DIMENSIONS, NotKnown, RowCounts
from firstmile.study.failures import Column
from firstmile.study.worked import rows

COUNTS = rows(
    ("crash/process-killed", "hardware/cpu-memory", "inference", 2),
    ("crash/assertion", "tokenizer/file", "fine-tuning", 3),
    ("hang/generation", "tokenizer/file", "inference", 4),
    series=("B", "A", "B"),
    created=("2023-12-31", "2024-01-01", "2024-03-31"),
)


def test_a_table_counts_both_dimensions() -> None:
    table = COUNTS.table("symptom", "series")
    assert table.column_codes == ("A", "B")
    assert table.cell("crash", "A") == 3
    assert table.cell("crash", "B") == 2
    assert table.cell("loading", "B") == 0
    assert table.total == COUNTS.total == 9


def test_classes_without_a_failure_stay_until_they_are_dropped() -> None:
    table = COUNTS.table("symptom", "cause")
    assert table.counts.shape == (5, 9)
    assert table.without_empty().row_codes == ("crash", "hang")
    assert table.without_empty().column_codes == ("tokenizer", "hardware")
    assert table.transposed().cell("tokenizer", "hang") == 4
    assert "tokenizer" not in table.without_column("tokenizer").column_codes


def test_quarters_begin_on_their_first_day() -> None:
    totals = COUNTS.totals("period")
    assert totals.codes == ("2023-Q4", "2024-Q1")
    assert totals.counts.tolist() == [2, 7]


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_totals_are_the_margins_of_tables(dimension: str) -> None:
    if dimension in ("version", "repository", "architecture", "status"):
        with pytest.raises(NotKnown, match=f"the source has no {dimension}"):
            COUNTS.totals(dimension)
        return
    margin = COUNTS.table(dimension, "stage").counts.sum(axis=1)
    assert COUNTS.totals(dimension).counts.tolist() == margin.tolist()


def test_weighted_rows_count_by_their_weight() -> None:
    weighted = RowCounts(COUNTS.failures, weights=np.repeat([0.5, 1.0, 0.25], [2, 3, 4]))
    assert weighted.table("symptom", "stage").cell("crash", "inference") == 1.0
    assert weighted.totals("symptom").counts.tolist() == [4.0, 0, 0, 1.0, 0]


def test_leaves_that_are_left_out_take_their_failures_with_them() -> None:
    without = COUNTS.table_without("stage", "cause", {"crash/assertion", "hardware/cpu-memory"})
    assert without.total == 4
    assert without.cell("inference", "tokenizer") == 4


def test_rows_in_which_a_dimension_is_not_known_are_left_out() -> None:
    columns = dict(COUNTS.failures.columns)
    columns["series"] = Column(("A", "B"), np.array([-1] * 5 + [1] * 4, dtype=np.int32))
    partly = RowCounts(replace(COUNTS.failures, columns=columns))
    assert partly.totals("series").counts.tolist() == [0, 4]
    assert partly.table("symptom", "series").total == 4
    assert partly.total == 9


def test_a_column_without_any_value_is_not_known() -> None:
    columns = dict(COUNTS.failures.columns)
    columns["series"] = Column((), np.full(9, -1, dtype=np.int32))
    with pytest.raises(NotKnown, match="no series"):
        RowCounts(replace(COUNTS.failures, columns=columns)).table("symptom", "series")
