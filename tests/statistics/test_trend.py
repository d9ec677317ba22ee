"""Trends of shares over ordered groups."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from firstmile.statistics.trend import share_trend


def test_two_groups_give_the_chi_square_test() -> None:
    """With two groups Cochran-Armitage is the 2x2 chi-square test without correction."""
    found = share_trend([15, 5], [20, 20])
    reference = chi2_contingency([[15, 5], [5, 15]], correction=False)

    assert found.z**2 == pytest.approx(reference.statistic)
    assert found.p == pytest.approx(reference.pvalue)
    assert found.slope == pytest.approx(-0.5)


def test_agresti_alcohol_and_malformation() -> None:
    """Agresti (2013), Categorical Data Analysis, table 3.8, with equally spaced scores.

    Scores 0 to 4 give M^2 = 1.83 (section 5.3.5); M^2 is z^2 up to (n - 1) / n.
    """
    found = share_trend([48, 38, 5, 1, 1], [17114, 14502, 793, 127, 38])

    assert found.z**2 == pytest.approx(1.83, abs=0.005)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=8))
def test_reversing_the_order_turns_the_trend_around(groups: list[tuple[int, int]]) -> None:
    hits = [a for a, _ in groups]
    trials = [a + b for a, b in groups]
    forward, backward = share_trend(hits, trials), share_trend(hits[::-1], trials[::-1])

    assert forward.slope == pytest.approx(-backward.slope, abs=1e-12)
    assert forward.p == pytest.approx(backward.p)


def test_without_two_groups_or_without_change_there_is_no_trend() -> None:
    assert share_trend([3], [9]).p == 1
    assert share_trend([0, 0], [5, 5]).slope == 0
    assert share_trend(np.array([2, 0]), np.array([4, 0])).p == 1
