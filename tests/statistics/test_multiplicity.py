"""Adjusted p values: scipy and statsmodels as references, order, shape and missing tests."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from firstmile.statistics.multiplicity import benjamini_hochberg, holm

families = st.lists(st.floats(0, 1), min_size=1, max_size=40).map(np.array)


@given(families)
def test_benjamini_hochberg_agrees_with_scipy(p: np.ndarray) -> None:
    assert benjamini_hochberg(p) == pytest.approx(stats.false_discovery_control(p))


def test_holm_agrees_with_statsmodels() -> None:
    # statsmodels 0.15.0, statsmodels.stats.multitest.multipletests(method="holm")
    assert holm([0.01, 0.04, 0.03, 0.005, 0.2]) == pytest.approx([0.04, 0.09, 0.09, 0.025, 0.2])


@given(families)
def test_adjusting_keeps_order_and_never_helps(p: np.ndarray) -> None:
    order = np.argsort(p, kind="stable")
    for adjust in (benjamini_hochberg, holm):
        adjusted = adjust(p)
        assert (np.diff(adjusted[order]) >= 0).all()
        assert (adjusted >= p * (1 - 1e-12)).all()
        assert (adjusted <= 1).all()
    assert (holm(p) >= benjamini_hochberg(p) - 1e-12).all()


@given(families)
def test_the_shape_and_the_places_are_kept(p: np.ndarray) -> None:
    for adjust in (benjamini_hochberg, holm):
        table = np.stack([p, p[::-1]])
        assert adjust(table).shape == table.shape
        assert (adjust(table).ravel() == adjust(table.ravel())).all()
        assert (adjust(p[::-1]) == adjust(p)[::-1]).all()


@given(families)
def test_a_test_that_could_not_be_made_is_outside_the_family(p: np.ndarray) -> None:
    for adjust in (benjamini_hochberg, holm):
        adjusted = adjust(np.append(p, np.nan))
        assert np.isnan(adjusted[-1])
        assert (adjusted[:-1] == adjust(p)).all()


def test_a_single_p_is_unchanged() -> None:
    assert float(benjamini_hochberg(0.03)) == float(holm(0.03)) == 0.03


@pytest.mark.parametrize("wrong", [-0.1, 1.1])
def test_values_that_are_no_probabilities_are_refused(wrong: float) -> None:
    for adjust in (benjamini_hochberg, holm):
        with pytest.raises(ValueError, match="between 0 and 1"):
            adjust([0.5, wrong])
