"""The difference between two shares of the same whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.statistics.ranking import lead_interval


def test_adjusted_wald_agrees_with_a_calculation_by_hand() -> None:
    """Two cells of 12 and 4 in 30: 13/32 - 5/32 = 1/4, variance (9/16 - 1/16) / 32 = 1/64."""
    interval = lead_interval(12, 4, 30)

    assert interval.low == pytest.approx(0.25 - 1.959964 / 8, abs=1e-6)
    assert interval.high == pytest.approx(0.25 + 1.959964 / 8, abs=1e-6)


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_exchanging_the_two_cells_mirrors_the_interval(a: int, b: int, rest: int) -> None:
    n = a + b + rest + 1
    one, other = lead_interval(a, b, n), lead_interval(b, a, n)

    assert one.low == pytest.approx(-other.high)
    assert -1 <= one.low <= one.high <= 1


@pytest.mark.parametrize(("a", "b", "n"), [(-1, 2, 5), (3, 3, 5), (0, 0, 0)])
def test_cells_that_do_not_fit_the_whole_are_refused(a: int, b: int, n: int) -> None:
    with pytest.raises(ValueError, match="one whole"):
        lead_interval(a, b, n)


def test_more_confidence_makes_the_interval_wider() -> None:
    assert lead_interval(9, 5, 40, confidence=0.99).width > lead_interval(9, 5, 40).width
