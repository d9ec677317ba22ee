"""Contrasts of two groups, corrected for how many there are."""

import pytest
from msgspec.structs import replace

from firstmile.study.analyses import version_changes
from firstmile.study.contrasts import Contrast, contrast, corrected
from firstmile.study.counts import RowCounts
from firstmile.study.settings import Settings

SETTINGS = Settings(permutations=99, bootstraps=99)


def with_p(p: float) -> Contrast:
    found = contrast(
        dimension="symptom",
        category="crash",
        names=("new", "old"),
        counts=(30, 15),
        totals=(60, 60),
        settings=SETTINGS,
    )
    return replace(found, p=p)


def test_p_values_are_corrected_by_holm() -> None:
    family = corrected([with_p(p) for p in (0.01, 0.02, 0.03)], SETTINGS)
    assert [item.adjusted_p for item in family] == pytest.approx([0.03, 0.04, 0.04])
    family = corrected([with_p(p) for p in (0.04, 0.01, 0.03)], SETTINGS)
    assert [item.adjusted_p for item in family] == pytest.approx([0.06, 0.03, 0.06])
    assert [item.holds for item in family] == [False, True, False]


def test_intervals_of_a_family_are_those_of_a_share_of_the_error() -> None:
    alone = corrected([with_p(0.01)], SETTINGS)[0]
    last = corrected([with_p(0.01)] * 5, SETTINGS)[-1]
    assert alone.corrected_difference == alone.difference == last.difference
    strict = contrast(
        dimension="symptom",
        category="crash",
        names=("new", "old"),
        counts=(30, 15),
        totals=(60, 60),
        settings=Settings(confidence=0.99),
    )
    assert last.corrected_difference.low == pytest.approx(strict.difference.low)
    assert last.corrected_difference.high == pytest.approx(strict.difference.high)


def test_an_empty_family_is_no_error() -> None:
    assert corrected([], SETTINGS) == ()


def test_published_changes_are_corrected_per_axis(published_rows: RowCounts) -> None:
    """Uncorrected, Incorrect Functionality rose from llama to llama3; corrected, it may not."""
    found = version_changes.compute(published_rows, SETTINGS)
    change = found.change("llama3", "llama", "incorrect")
    assert change.difference.low is not None
    assert change.difference.low > 0
    assert change.p == pytest.approx(0.0716, abs=5e-4)
    assert change.adjusted_p == pytest.approx(0.787, abs=5e-4)
    assert change.corrected_difference.low is not None
    assert change.corrected_difference.low < 0
    held = found.change("Qwen2.5", "Qwen", "crash")
    assert held.adjusted_p == pytest.approx(0.0014, abs=5e-5)
    assert held.corrected_difference.high is not None
    assert held.corrected_difference.high < 0


def test_no_claim_rests_on_a_change_that_the_report_does_not_call_one(
    published_rows: RowCounts,
) -> None:
    found = version_changes.compute(published_rows, SETTINGS)
    for item in (*found.contrasts, *found.leaf_contrasts):
        low, high = item.corrected_difference.low, item.corrected_difference.high
        assert low is not None
        assert high is not None
        if low > 0 or high < 0:
            assert item.holds, item
