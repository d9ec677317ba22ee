"""One suite over all analyses: each asks, answers, and shows its example."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import pytest

from firstmile.rendering.document import Figure, Grid
from firstmile.study.analysis import (
    Analysis,
    Chapter,
    Outcome,
    analysis_id,
    find_analyses,
    question,
    run_analyses,
)
from firstmile.study.counts import NotKnown, RowCounts
from firstmile.study.plain import plain
from firstmile.study.settings import Settings
from firstmile.study.worked import rows
from odd_sets import one_kind
from report_faults import spoken_badly, wrong_grids

ANALYSES = tuple(find_analyses())
FEW = Settings(permutations=199, bootstraps=200, noise_replicates=50)
"""Settings under which the suite stays quick, and the worked examples come out."""

each = pytest.mark.parametrize("analysis", ANALYSES, ids=analysis_id)


@pytest.fixture(scope="module")
def worked() -> dict[str, Any]:
    """Return the result of every worked example."""
    return {analysis_id(a): a.compute(a.EXAMPLE.counts, FEW) for a in ANALYSES}


def test_the_planned_analyses_are_there() -> None:
    assert {
        "symptom_shares",
        "cause_shares",
        "symptom_by_cause",
        "leaf_symptom_by_leaf_cause",
        "symptom_by_series",
        "cause_by_series",
        "series_similarity",
        "symptom_by_stage",
        "cause_by_stage",
        "stage_differences",
        "version_changes",
        "creation_time",
        "repositories_and_architecture",
        "open_and_closed",
        "double_coded_issues",
        "label_noise",
    } <= {analysis_id(analysis) for analysis in ANALYSES}


@each
def test_the_docstring_asks_a_question(analysis: Analysis) -> None:
    assert question(analysis).endswith("?")
    assert "?" not in question(analysis)[:-1]


@each
def test_an_analysis_has_its_place_in_the_report(analysis: Analysis) -> None:
    assert analysis.HEADING
    assert analysis.HEADING[0].isupper()
    assert isinstance(analysis.CHAPTER, Chapter)
    assert analysis.PLACE >= 1
    for name in ("compute", "sentences", "grids", "figures"):
        assert (getattr(analysis, name).__doc__ or "").strip().endswith(".")


def test_no_two_analyses_share_a_heading_or_a_place() -> None:
    assert len({a.HEADING for a in ANALYSES}) == len(ANALYSES)
    assert len({(a.CHAPTER, a.PLACE) for a in ANALYSES}) == len(ANALYSES)


def test_the_report_asks_in_the_order_of_its_chapters() -> None:
    order = [list(Chapter).index(a.CHAPTER) for a in ANALYSES]
    assert order == sorted(order)


@each
def test_the_worked_example_comes_out_as_by_hand(
    analysis: Analysis, worked: Mapping[str, Any]
) -> None:
    assert analysis.EXAMPLE.check(worked[analysis_id(analysis)]) is True


@each
def test_a_wrong_result_fails_the_worked_example(analysis: Analysis) -> None:
    """Give the check the result on other failures, and it must not be content."""
    other = rows(
        ("slow/loading", "corruption/checkpoint", "inference", 7),
        ("hang/generation", "api/call-sequence", "fine-tuning", 31),
        ("slow/inference", "api/call-sequence", "inference", 32),
        ("crash/assertion", "configuration/inference", "inference", 33),
        ("incorrect/generation/repetitive", "algorithm/attention", "fine-tuning", 34),
        issue=tuple("abcde"),
        series=tuple("AABAA"),
        version=("one", "two", "three", "one", "two"),
        repository=tuple("abccb"),
        architecture=("Dense", "MoE", "Dense", "MoE", "MoE"),
        status=("open", "closed", "closed", "open", "open"),
        created=("2023-01-01", "2023-05-05", "2023-09-09", "2024-01-01", "2024-05-05"),
    )
    result = analysis.compute(other, FEW)
    try:
        content = analysis.EXAMPLE.check(result)
    except (LookupError, AttributeError, StopIteration, TypeError):
        content = False
    assert not content


@pytest.mark.parametrize("sentence", ["r is nan.", "No end", "", "A {'a': 1}.", "V is -0.0 here."])
def test_a_sentence_that_no_person_would_write_is_seen(sentence: str) -> None:
    assert spoken_badly((sentence,))


@each
def test_sentences_of_the_example_can_be_read(
    analysis: Analysis, worked: Mapping[str, Any]
) -> None:
    said = analysis.sentences(worked[analysis_id(analysis)])
    assert said
    assert not spoken_badly(said)


def test_sentences_on_the_published_failures_can_be_read(
    published_outcomes: Mapping[str, Outcome],
) -> None:
    found = [
        sentence
        for outcome in published_outcomes.values()
        if outcome.missing is None
        for sentence in spoken_badly(outcome.analysis.sentences(outcome.result))
    ]
    assert not found


@each
def test_tables_and_figures_of_the_example_are_whole(
    analysis: Analysis, worked: Mapping[str, Any]
) -> None:
    result = worked[analysis_id(analysis)]
    figures: tuple[Figure, ...] = analysis.figures(result)
    assert not wrong_grids((*analysis.grids(result), *(figure.grid for figure in figures)))
    for figure in figures:
        assert figure.title
        assert figure.description.endswith(".")
        assert "nan" not in figure.description.split()
        json.dumps(figure.specification, allow_nan=False)


def test_tables_and_figures_on_the_published_failures_have_names_of_their_own(
    published_outcomes: Mapping[str, Outcome],
) -> None:
    grids: list[Grid] = []
    figures: list[Figure] = []
    for outcome in published_outcomes.values():
        if outcome.missing is None:
            grids += outcome.analysis.grids(outcome.result)
            figures += outcome.analysis.figures(outcome.result)
    assert not wrong_grids(tuple(grids))
    names = Counter([*(grid.id for grid in grids), *(figure.grid.id for figure in figures)])
    assert [name for name, times in names.items() if times > 1] == []
    assert len({figure.id for figure in figures}) == len(figures)


def test_every_heading_is_told_as_its_turn_comes() -> None:
    told: list[str] = []
    run_analyses(one_kind(1), FEW, progress=told.append)
    assert told == [analysis.HEADING for analysis in ANALYSES]


@each
def test_an_analysis_without_rows_to_read_raises_only_not_known(analysis: Analysis) -> None:
    empty = RowCounts(one_kind(1).failures.take(np.array([], dtype=np.intp)))
    with pytest.raises(NotKnown):
        analysis.compute(empty, FEW)


def test_results_are_typed_structs(worked: Mapping[str, Any]) -> None:
    for result in worked.values():
        assert isinstance(result, msgspec.Struct)
        assert msgspec.convert(plain(result), type(result)) == result
