"""The casebook as a labelled set: every case a row, and what it is no ground for stands first."""

import re

import numpy as np
import pytest

from firstmile.errors import UserError
from firstmile.findings import Finding, Outcome
from firstmile.knowledge.cases import Case, LabelSource, load_cases
from firstmile.rendering.document import Section, walk
from firstmile.statistics.agreement import cohen_kappa
from firstmile.study.counts import RowCounts
from firstmile.study.embedded.casebook import (
    CASEBOOK,
    CHOSEN_HOW,
    LABELLED_BY,
    PASSES_AGREE,
    SOURCES,
    agreement_of_passes,
    passes_of,
    read_casebook,
    why_agreement_flatters,
)
from firstmile.study.failures import Column, Failures
from firstmile.study.labelled_sets import LabelledSet, open_labelled_set
from firstmile.study.report import Report, make_report
from firstmile.study.settings import Settings
from firstmile.taxonomy import Axis, load_taxonomy

FEW = Settings(permutations=199, bootstraps=199, noise_replicates=20)


@pytest.fixture(scope="module")
def opened() -> LabelledSet:
    return open_labelled_set(CASEBOOK)


@pytest.fixture(scope="module")
def report(opened: LabelledSet) -> Report:
    return make_report(opened.counts, opened.facts, opened.findings, FEW)


def rows(opened: LabelledSet) -> Failures:
    assert isinstance(opened.counts, RowCounts)
    return opened.counts.failures


def column(opened: LabelledSet, name: str) -> Column:
    found = rows(opened).column(name)
    assert found is not None
    return found


def finding(findings: tuple[Finding, ...], rule: str) -> Finding:
    (one,) = [each for each in findings if each.source == rule]
    return one


def section(report: Report, name: str) -> Section:
    return next(one for one in walk(report.document.sections) if one.id == name)


def of_source(source: LabelSource) -> list[Case]:
    return [case for case in load_cases() if case.label_source is source]


def test_every_case_is_one_row_with_its_labels_link_and_group(opened: LabelledSet) -> None:
    cases = load_cases()
    assert opened.counts.total == len(cases)
    read = zip(
        *(
            column(opened, name).values()
            for name in ("symptom_leaf", "cause_leaf", "stage", "issue", "cluster")
        ),
        strict=True,
    )
    assert list(read) == [
        (
            case.classification.symptom,
            case.classification.cause,
            case.classification.stage,
            case.url,
            case.group,
        )
        for case in cases
    ]


def test_codes_are_leaves_of_the_codebook(opened: LabelledSet) -> None:
    for axis, name in (
        (Axis.SYMPTOM, "symptom_leaf"),
        (Axis.CAUSE, "cause_leaf"),
        (Axis.STAGE, "stage"),
    ):
        leaves = {leaf.code for leaf in load_taxonomy().leaves(axis)}
        assert set(column(opened, name).values()) <= leaves


def test_days_and_repositories_are_those_of_the_reports(opened: LabelledSet) -> None:
    cases = load_cases()
    created = rows(opened).created
    assert created is not None
    assert [None if np.isnat(day) else str(day) for day in created] == [
        case.reported and case.reported.isoformat() for case in cases
    ]
    assert column(opened, "repository").values() == [
        "/".join(case.url.split("/")[3:5]) for case in cases
    ]


def test_a_series_is_named_where_the_repository_is_a_models_own_and_nowhere_else(
    opened: LabelledSet,
) -> None:
    named = dict(
        zip(column(opened, "repository").values(), column(opened, "series").values(), strict=True)
    )
    assert named["QwenLM/Qwen"] == "Qwen"
    assert named["meta-llama/codellama"] == "Llama"
    assert named["ggml-org/llama.cpp"] is None
    assert named["hiyouga/LlamaFactory"] is None


def test_the_files_that_were_read_are_the_cases_with_their_sums(opened: LabelledSet) -> None:
    assert [file.name for file in opened.facts.files] == [f"{c.id}.toml" for c in load_cases()]
    assert all(re.fullmatch("[0-9a-f]{64}", file.sha256) for file in opened.facts.files)


def test_it_is_said_before_anything_else_that_no_frequency_may_be_read_from_it(
    opened: LabelledSet,
) -> None:
    (alarm,) = opened.alarms
    assert "the two halves differ in how they were sampled" in alarm
    assert "no share, difference or trend may be read as how often anything happens" in alarm
    assert opened.findings[0].source == CHOSEN_HOW


def test_the_data_quality_page_says_who_labelled_and_what_agreement_is_worth(
    report: Report,
) -> None:
    grids = section(report, "data-quality").grids
    told = {row[0]: (row[1], row[2]) for row in grids[0].rows}
    assert told[LABELLED_BY][0] == "warn"
    for words in ("the study published", "language-model raters", "adjudicated decision"):
        assert words in str(told[LABELLED_BY][1])
    assert "chosen by hand" in str(told[CHOSEN_HOW][1])
    assert str(told[PASSES_AGREE][1]) == why_agreement_flatters(load_cases())
    quoted = [str(row[3]) for row in grids[1].rows if row[0] == PASSES_AGREE]
    assert len(quoted) == 6
    for text in quoted:
        for name in ("Gwet's AC1", "Krippendorff's alpha", "Cohen's kappa"):
            assert re.search(rf"{name} 0\.\d\d \[0\.\d\d, [01]\.\d\d\]", text), text


def test_the_report_is_made_of_it_without_calling_it_the_published_set(report: Report) -> None:
    assert report.data["failures"] == len(load_cases())
    assert report.data["source"]["is_published_set"] is False
    assert "casebook" in report.document.title


def test_agreement_is_that_of_the_passes_before_they_were_settled() -> None:
    cases = of_source(LabelSource.TWO_PASSES)
    found = agreement_of_passes(load_cases())
    assert found.paired == found.issues == len(cases)
    codes: dict[str | None, int] = {term.code: at for at, term in enumerate(load_taxonomy().terms)}
    pairs = [
        (codes[case.first_pass.cause], codes[case.second_pass.cause])
        for case in cases
        if case.first_pass is not None and case.second_pass is not None
    ]
    kappa = found.axis(Axis.CAUSE).levels[-1].figures.kappa
    assert kappa.estimate == pytest.approx(cohen_kappa(*map(np.array, zip(*pairs, strict=True))))
    assert passes_of(of_source(LabelSource.PUBLISHED)).issues == ()


@pytest.mark.parametrize("source", [LabelSource.PUBLISHED, LabelSource.TWO_PASSES])
def test_a_part_by_label_source_holds_its_cases_alone(source: LabelSource) -> None:
    read = read_casebook(f"{CASEBOOK}:{source.value}")
    assert len(read.failures) == len(of_source(source))
    rules = {one.source for one in read.findings}
    assert (PASSES_AGREE in rules) is (source is LabelSource.TWO_PASSES)
    assert "halves" not in finding(read.findings, CHOSEN_HOW).message
    labelled = finding(read.findings, LABELLED_BY)
    published = source is LabelSource.PUBLISHED
    assert labelled.outcome is (Outcome.PASS if published else Outcome.WARN)
    assert ("language-model" in labelled.message) is not published


def test_no_general_rule_breaks_and_places_name_the_cases_file(opened: LabelledSet) -> None:
    assert not [one for one in opened.findings if one.outcome is Outcome.ERROR]
    names = {f"{case.id}.toml" for case in load_cases()}
    for one in opened.findings:
        assert {place.file for place in one.evidence} <= names | {None, "casebook"}, one.source
    undated = [case for case in load_cases() if case.reported is None]
    missing = finding(opened.findings, "field-missing").evidence
    assert [place.file for place in missing] == [f"{case.id}.toml" for case in undated]


@pytest.mark.parametrize(
    "written", ["firstmile:casebok", "firstmile:case-book", "firstmile:Casebook"]
)
def test_a_mistyped_name_is_answered_with_the_nearest(written: str) -> None:
    with pytest.raises(UserError, match=f'nearest: "{CASEBOOK}"'):
        open_labelled_set(written)


def test_a_name_like_no_other_is_answered_with_what_there_is() -> None:
    with pytest.raises(UserError, match="comes with firstmile") as caught:
        open_labelled_set("firstmile:\x1b[31m")
    assert "\x1b" not in str(caught.value)
    assert CASEBOOK in str(caught.value)


def test_the_sources_are_all_cases_and_each_label_source() -> None:
    assert set(SOURCES.values()) == {None, *LabelSource}


def test_no_claim_is_judged_by_cases_that_were_chosen(report: Report) -> None:
    assert {one.verdict.value for one in report.judgements} == {"cannot be judged"}
    assert "were chosen to show every kind" in str(report.data["claims"])
