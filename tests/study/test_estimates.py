"""How numbers read in a sentence."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.statistics.intervals import Interval
from firstmile.study.counts import Totals
from firstmile.study.estimates import (
    Estimate,
    count_of,
    estimate,
    in_percent,
    listed,
    number,
    p_value,
    percent,
    share_of,
    shares,
    with_interval,
)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(0.03, "p = .030"), (0.0009, "p < .001"), (0.001, "p = .001"), (1.0, "p = 1.000")],
)
def test_p_values_read_as_in_papers(value: float, wanted: str) -> None:
    assert p_value(value) == wanted


def test_a_q_value_says_that_it_is_one() -> None:
    assert p_value(0.042, name="q") == "q = .042"


def test_shares_read_with_their_interval() -> None:
    assert in_percent(share_of(223, 706, confidence=0.95)) == "31.6% [28.3, 35.1]"
    assert in_percent(share_of(0, 0, confidence=0.95)) == "not known"
    assert in_percent(Estimate(estimate=0.5, low=None, high=0.7)) == "50.0%"
    assert percent(None) == "not known"


def test_estimates_read_with_their_interval() -> None:
    assert with_interval(Estimate(estimate=2.364, low=1.9, high=2.93)) == "2.36 [1.90, 2.93]"
    assert with_interval(Estimate(estimate=2.364, low=1.9, high=None)) == "2.36"
    assert with_interval(Estimate(estimate=None, low=0.0, high=None)) == "not known"


def test_counts_are_whole_where_they_are() -> None:
    assert count_of(1234.0) == "1,234"
    assert count_of(2.5) == "2.5"
    assert number(1234.0, decimals=0) == "1,234"
    assert number(None) == "not known"


def test_lists_read_as_people_write_them() -> None:
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"


def test_what_is_not_a_number_is_not_known() -> None:
    found = estimate(math.nan, Interval(0.0, math.nan))
    assert found == Estimate(estimate=None, low=0.0, high=None)


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=8))
def test_shares_lie_in_their_intervals_and_add_up(counts: list[int]) -> None:
    codes = tuple(str(place) for place in range(len(counts)))
    parts = shares(Totals(dimension="cause", codes=codes, counts=np.array(counts)), confidence=0.95)
    assert all(0 <= part.low <= part.estimate <= part.high <= 1 for part in parts)
    assert sum(part.estimate for part in parts) == pytest.approx(1.0 if sum(counts) else 0.0)
