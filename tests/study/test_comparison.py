"""Two labelled sets side by side."""

import json

import numpy as np
import pytest

from firstmile.errors import UserError
from firstmile.rendering.document import all_figures, all_grids
from firstmile.study import comparison
from firstmile.study.comparison import AXES, Comparison, compare, distinct_names
from firstmile.study.counts import Counts, RowCounts
from firstmile.study.origin import SourceFacts
from firstmile.study.settings import Settings
from firstmile.study.worked import rows

FEW = Settings(permutations=199, bootstraps=200)
NAMES = ("first", "second")


def failures(crashes: int, hangs: int) -> RowCounts:
    return rows(
        ("crash/process-killed", "hardware/cpu-memory", "inference", crashes),
        ("hang/generation", "tokenizer/file", "fine-tuning", hangs),
    )


def compared(one: Counts, other: Counts) -> Comparison:
    return compare(one, other, names=NAMES, settings=FEW)


def test_a_set_compared_with_itself_has_not_drifted() -> None:
    found = compared(failures(30, 20), failures(30, 20))
    assert [drift.axis for drift in found.axes] == list(AXES)
    for drift in found.axes:
        assert drift.similarity.measure("total variation").value == 0
        assert all(item.difference.estimate == 0 for item in drift.contrasts)
        assert all(item.adjusted_p == 1 for item in drift.contrasts)
    assert len(comparison.sentences(found)) == 1 + len(AXES)


def test_drift_is_the_first_set_against_the_second() -> None:
    found = compared(failures(40, 10), failures(10, 40))
    crash = next(c for c in found.axis("symptom").contrasts if c.category == "crash")
    assert (crash.first, crash.second) == ("first", "second")
    assert crash.difference.estimate == pytest.approx(0.6)
    assert crash.adjusted_p < 0.001
    assert found.axis("symptom").similarity.measure("total variation").value == pytest.approx(0.6)
    assert any("Crash is more frequent in first" in s for s in comparison.sentences(found))


def test_what_one_set_lacks_counts_nothing_there() -> None:
    found = compared(failures(40, 0), failures(0, 40))
    hang = next(c for c in found.axis("symptom").contrasts if c.category == "hang")
    assert hang.first_share.estimate == 0
    assert hang.second_share.estimate == 1


def test_issues_that_stand_in_both_sets_are_said() -> None:
    group = ("crash/process-killed", "hardware/cpu-memory", "inference", 1)
    one = rows(group, group, issue=("a", "b"))
    other = rows(group, group, issue=("b", "c"))
    found = compared(one, other)
    assert found.shared_issues == 1
    assert any("stand in both" in s for s in comparison.sentences(found))
    assert compared(failures(3, 1), failures(5, 1)).shared_issues is None


def test_two_sets_of_one_kind_are_said_to_be_that() -> None:
    found = compared(failures(3, 0), failures(5, 0))
    assert found.axis("symptom").association is None
    assert "All failures of both are of one kind of symptom." in comparison.sentences(found)


def test_published_rows_have_not_drifted_from_themselves(published_rows: RowCounts) -> None:
    found = compared(published_rows, published_rows)
    assert found.first_total == found.second_total == 706
    for drift in found.axes:
        assert drift.association is not None
        assert drift.association.chi_square == pytest.approx(0, abs=1e-9)


def test_a_comparison_is_json_and_a_document_with_names_of_its_own() -> None:
    found = compared(failures(30, 20), failures(10, 40))
    facts = SourceFacts(name="a", format="rows", has_rows=True)
    json.dumps(comparison.data(found, facts, facts), allow_nan=False)
    document = comparison.document(found)
    assert all_grids(document)
    assert all_figures(document)


def test_two_sources_of_one_name_are_told_apart() -> None:
    assert distinct_names("a", "b") == ("a", "b")
    assert distinct_names("a", "a") == ("a (first)", "a (second)")


def test_sets_that_share_no_axis_cannot_be_compared() -> None:
    nothing = RowCounts(failures(1, 1).failures.take(np.array([], dtype=np.intp)))
    with pytest.raises(UserError, match="nothing to compare"):
        compared(nothing, nothing)
