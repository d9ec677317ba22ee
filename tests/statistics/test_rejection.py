"""Benjamini-Hochberg over many families at once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from firstmile.statistics.multiplicity import benjamini_hochberg
from firstmile.statistics.rejection import rejected


@given(arrays(np.float64, (4, 9), elements=st.floats(0, 1)), st.sampled_from([0.01, 0.05, 0.2]))
def test_each_family_is_rejected_as_the_adjusted_values_say(p: np.ndarray, level: float) -> None:
    found = rejected(p, level=level)

    for family, own in zip(p, found, strict=True):
        adjusted = benjamini_hochberg(family)
        clear = np.abs(adjusted - level) > 1e-12
        np.testing.assert_array_equal(own[clear], (adjusted <= level)[clear])


def test_step_up_rejects_a_value_above_its_own_step() -> None:
    assert rejected(np.array([[0.04, 0.045, 0.05]]), level=0.05).tolist() == [[True] * 3]
    assert rejected(np.array([[0.04, 0.5, 0.9]]), level=0.05).tolist() == [[False] * 3]
