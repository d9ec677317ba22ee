"""Two labelled sets side by side."""

import json

import numpy as np
import pytest

from firstmile.errors import UserError
from firstmile.rendering.document import all_figures, all_grids
from firstmile.study import comparison
from firstmile.study.comparison import AXES, Comparison, compare, distinct_names
from firstmile.study.counts import Counts, RowCounts
from firstmile.study.names import dimension_name
from firstmile.study.origin import SourceFacts
from firstmile.study.settings import Settings
from firstmile.study.worked import rows
from firstmile.taxonomy import Axis, load_taxonomy

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


def of_axis(found: Comparison, axis: str) -> str:
    """Return what is said of an axis as a whole."""
    name = dimension_name(axis, plural=True)
    begins = (f"The {name} differ ", f"The {name} cannot ", f"Tested as a whole the {name} cannot ")
    (said,) = [s for s in comparison.sentences(found) if s.startswith(begins)]
    return said


def counts_of(*numbers: int) -> RowCounts:
    """Return failures of so many symptoms each, all else alike."""
    codes = [term.code for term in load_taxonomy().of(Axis.SYMPTOM) if term.level == 1]
    groups = [
        (code, "hardware/cpu-memory", "inference", number)
        for code, number in zip(codes, numbers, strict=False)
    ]
    return rows(*groups)


@pytest.mark.parametrize(
    ("first", "second", "said", "holds"),
    [
        ((60, 40), (40, 60), "The symptoms differ (p = ", True),
        ((30, 20), (30, 20), "The symptoms cannot be told apart (p = 1.000). Total", False),
        (
            (200, 200, 200, 200, 25),
            (200, 200, 200, 200, 8),
            "Tested as a whole the symptoms cannot be told apart (p = ",
            True,
        ),
        (
            (30, 30, 30, 20, 20, 20),
            (20, 20, 20, 30, 30, 30),
            ", though no single one of them does once corrected for their number.",
            False,
        ),
    ],
)
def test_the_sentence_on_an_axis_says_what_its_table_says(
    first: tuple[int, ...], second: tuple[int, ...], said: str, holds: bool
) -> None:
    found = compared(counts_of(*first), counts_of(*second))
    drift = found.axis("symptom")
    assert any(item.adjusted_p < found.level for item in drift.contrasts) is holds
    assert said in of_axis(found, "symptom")
    assert ("single ones of them differ" in of_axis(found, "symptom")) is (
        "Tested as a whole" in said
    )


def test_sets_that_differ_within_the_margin_are_not_said_to_be_alike() -> None:
    found = compared(counts_of(10_500, 9_500), counts_of(9_900, 10_100))
    said = of_axis(found, "symptom")
    assert said.startswith("The symptoms differ (p < .001).")
    assert said.endswith("so what differs is smaller than the margin of 0.10.")
    assert "alike" not in said


def test_a_p_value_that_rounds_to_the_level_stays_on_its_side() -> None:
    assert comparison._p(0.04996, 0.05) == "p < .05"
    assert comparison._p(0.05004, 0.05) == "p > .05"
    assert comparison._p(0.0512, 0.05) == "p = .051"


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
