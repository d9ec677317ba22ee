"""Labelled failures as columns: encoding, taking rows, joining sources."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.study.failures import Column, Failures, merge
from firstmile.study.worked import rows

values = st.lists(st.one_of(st.none(), st.text(max_size=3)), max_size=20)


@given(values)
def test_a_column_gives_back_what_it_was_made_of(given_values: list[str | None]) -> None:
    assert Column.of(given_values).values() == given_values


@given(values, st.lists(st.text(max_size=3), unique=True, max_size=4))
def test_categories_come_in_the_given_order_and_then_sorted(
    given_values: list[str | None], order: list[str]
) -> None:
    column = Column.of(given_values, order)
    rest = column.categories[len(order) :]
    assert list(column.categories[: len(order)]) == order
    assert list(rest) == sorted(rest)
    assert column.values() == given_values


def test_columns_of_unequal_length_are_refused() -> None:
    one = Column.of(["a"])
    with pytest.raises(ValueError, match="lengths"):
        Failures(columns={"symptom_leaf": one, "cause_leaf": one, "stage": Column.of(["a", "b"])})


def test_a_missing_label_column_is_refused() -> None:
    with pytest.raises(ValueError, match="cause_leaf"):
        Failures(columns={"symptom_leaf": Column.of(["a"]), "stage": Column.of(["a"])})


def some(series: str, created: tuple[str, ...] = ()) -> Failures:
    columns = {"series": tuple(series)} | ({"created": created} if created else {})
    groups = [
        ("crash/process-killed", "hardware/cpu-memory", "inference", 1),
        ("hang/generation", "tokenizer/file", "fine-tuning", 2),
    ]
    return rows(*groups, **columns).failures


def test_classes_are_those_of_the_leaves() -> None:
    symptom = some("AB").column("symptom")
    assert symptom is not None
    assert symptom.values() == ["crash", "hang", "hang"]


def test_taken_rows_keep_their_order_and_categories() -> None:
    taken = some("AB", ("2024-01-02", "2024-02-03")).take(np.array([2, 0]))
    assert taken.columns["series"].values() == ["B", "A"]
    assert taken.columns["series"].categories == ("A", "B")
    assert taken.created is not None
    assert [str(day) for day in taken.created] == ["2024-02-03", "2024-01-02"]


def test_joined_sources_keep_their_rows_in_order() -> None:
    joined = merge([some("BC"), some("AB")])
    assert joined.columns["series"].values() == ["B", "C", "C", "A", "B", "B"]
    assert joined.columns["series"].categories == ("A", "B", "C")
    assert len(joined) == 6


def test_what_one_source_lacks_is_not_known_there() -> None:
    bare = rows(("crash/process-killed", "hardware/cpu-memory", "inference", 1)).failures
    joined = merge([bare, some("AB", ("2024-01-02", "2024-02-03"))])
    assert joined.columns["series"].values() == [None, "A", "B", "B"]
    assert joined.created is not None
    assert np.isnat(joined.created).tolist() == [True, False, False, False]


def test_without_dates_in_any_source_there_are_none() -> None:
    assert merge([some("AB"), some("AB")]).created is None
