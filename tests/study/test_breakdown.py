"""Differences between shares of the same failures, and what is said of shares."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.study.breakdown import breakdown, share_difference, share_sentences
from firstmile.study.counts import Totals
from firstmile.study.estimates import Share, shares
from firstmile.study.settings import Settings
from firstmile.study.worked import rows


def parts(*counts: int) -> tuple[Share, ...]:
    codes = tuple(str(place) for place in range(len(counts)))
    totals = Totals(dimension="cause", codes=codes, counts=np.array(counts))
    return shares(totals, confidence=0.95)


@given(st.integers(0, 500), st.integers(0, 500), st.integers(1, 500))
def test_a_difference_lies_in_its_interval_and_turns_with_its_sides(
    first: int, second: int, rest: int
) -> None:
    one, other, _ = parts(first, second, rest)
    found = share_difference(one, other, confidence=0.95)
    turned = share_difference(other, one, confidence=0.95)
    assert -1 <= found["low"] <= found["estimate"] <= found["high"] <= 1
    assert found["low"] < found["high"]
    assert turned["low"] == pytest.approx(-found["high"])


def test_a_single_failure_decides_nothing() -> None:
    one, other = parts(1, 0)
    found = share_difference(one, other, confidence=0.95)
    assert found["estimate"] == 1
    assert found["low"] < 0 < found["high"]


@pytest.mark.parametrize("truth", [(0.42, 0.34), (0.9, 0.05), (0.02, 0.02), (0.97, 0.01)])
@pytest.mark.parametrize("failures", [10, 60, 700])
def test_the_interval_covers_the_true_difference(truth: tuple[float, float], failures: int) -> None:
    generator = np.random.default_rng(5)
    drawn = generator.multinomial(failures, [*truth, 1 - sum(truth)], size=1_000)
    inside = 0
    for counts in drawn.tolist():
        one, other, _ = parts(*counts)
        found = share_difference(one, other, confidence=0.95)
        inside += found["low"] <= truth[0] - truth[1] <= found["high"]
    assert inside / len(drawn) > 0.93


def test_an_axis_is_said_with_its_leader_and_what_nothing_carries() -> None:
    counts = rows(
        ("crash/process-killed", "hardware/cpu-memory", "inference", 30),
        ("hang/generation", "tokenizer/file", "inference", 10),
    )
    said = share_sentences(breakdown("symptom", counts, Settings()))
    assert said[0].startswith("Of 40 failures the most frequent symptom is Crash, with 30 or 75.0%")
    assert "The lead is beyond chance" in said[1]
    assert said[-1] == (
        "No failure carries Incorrect Functionality, Loading Failure, Poor Performance."
    )
