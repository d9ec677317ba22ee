"""Every case of the casebook keeps the rules of the casebook."""

import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from firstmile.errors import UserError
from firstmile.knowledge.cases import LabelSource, Outcome, load_cases, read_cases
from firstmile.redaction import redact
from firstmile.taxonomy import Axis, load_taxonomy
from held_out import HELD_OUT, ISSUE_URL, held_out_and_even

CASES = load_cases()


def hanzi(text: str) -> int:
    return len(re.findall(r"[\u4e00-\u9fff]", text))


def test_a_case_names_leaves_of_every_axis() -> None:
    for case in CASES:
        for axis in Axis:
            leaves = {leaf.code for leaf in load_taxonomy().leaves(axis)}
            for classification in (case.classification, case.first_pass, case.second_pass):
                if classification is not None:
                    assert getattr(classification, axis.value) in leaves


def test_a_report_is_condensed_in_its_own_language() -> None:
    for case in CASES:
        if case.language == "zh":
            words = len(re.findall(r"[A-Za-z0-9_.\-/]+", case.report))
            assert hanzi(case.report) >= 40
            assert 60 <= hanzi(case.report) + words <= 300
        else:
            assert case.language == "en"
            assert 40 <= len(case.report.split()) <= 140
        assert case.error is None or 1 <= len(case.error.splitlines()) <= 12
        assert 10 <= len(case.title) <= 100


def test_a_case_holds_nothing_personal() -> None:
    for case in CASES:
        for text in (case.title, case.report, case.error or "", case.resolution):
            assert redact(text).text == text, case.id
            assert not re.search(r"(?<![\w`/.@])@[A-Za-z][\w-]{2,}(?![\w.]*\()", case.report)


def test_no_even_number_of_a_held_out_repository_is_used() -> None:
    for case in CASES:
        for text in (case.url, case.title, case.report, case.error or "", case.resolution):
            assert held_out_and_even(text) == []


def test_the_link_is_plain_and_the_id_says_what_went_wrong() -> None:
    for case in CASES:
        assert re.fullmatch(
            r"https://github\.com/[\w.-]+/[\w.-]+/(?:issues|discussions)/[1-9]\d*", case.url
        )
        assert re.fullmatch(r"[a-z0-9][a-z0-9.]*(?:-[a-z0-9.]+){1,11}", case.id)


def test_no_report_stands_twice() -> None:
    assert [url for url, times in Counter(case.url for case in CASES).items() if times > 1] == []


def test_a_group_is_named_after_one_of_its_cases() -> None:
    ids = {case.id for case in CASES}
    assert {case.group for case in CASES} <= ids


def test_about_a_third_is_set_aside_and_no_group_is_split() -> None:
    aside = {case.group for case in CASES if case.is_set_aside}
    kept = {case.group for case in CASES if not case.is_set_aside}
    assert not aside & kept
    assert 0.25 < len(aside) / len(aside | kept) < 0.42


@cache
def published_labels(folder: Path) -> dict[str, set[tuple[str, ...]]]:
    """Return what the published rows say of each issue: labels of all axes, as codes."""
    from firstmile.study.counts import RowCounts
    from firstmile.study.reading import read_source

    failures = RowCounts(read_source(str(folder / "open-llm-failures")).failures).failures
    named = [failures.column(name) for name in ("symptom_leaf", "cause_leaf", "stage", "issue")]
    *columns, issues = [column for column in named if column is not None]
    found: dict[str, set[tuple[str, ...]]] = {}
    for row, issue in enumerate(issues.codes):
        labels = tuple(column.categories[column.codes[row]] for column in columns)
        found.setdefault(issues.categories[issue].lower(), set()).add(labels)
    return found


def test_published_labels_are_those_of_the_published_set(data_folder: Path) -> None:
    published = published_labels(data_folder)
    for case in CASES:
        given = case.classification
        labels = (given.symptom, given.cause, given.stage)
        if case.label_source is LabelSource.PUBLISHED:
            assert labels in published[case.url.lower()], case.id
        else:
            issue = ISSUE_URL.search(case.url)
            assert issue
            assert case.url.lower() not in published, case.id


def test_a_label_of_two_passes_is_what_one_of_them_said() -> None:
    for case in CASES:
        passes = (case.first_pass, case.second_pass)
        if case.label_source is LabelSource.PUBLISHED:
            assert passes == (None, None), case.id
            continue
        for axis in Axis:
            said = {getattr(each, axis.value) for each in passes if each is not None}
            assert getattr(case.classification, axis.value) in said, case.id
        assert None not in passes, case.id


def test_a_case_of_a_published_repository_is_a_published_row() -> None:
    engines = ("vllm-project/", "ggerganov/", "ggml-org/", "sgl-project/")
    for case in CASES:
        issue = ISSUE_URL.search(case.url)
        assert issue
        repository = issue[1].lower()
        if repository in HELD_OUT and not repository.startswith(engines):
            assert case.label_source is LabelSource.PUBLISHED, case.id


def test_outcomes_and_languages_are_mixed() -> None:
    assert {case.outcome for case in CASES} == set(Outcome)
    assert sum(case.language == "zh" for case in CASES) >= 50
    assert sum(case.label_source is LabelSource.PUBLISHED for case in CASES) >= 120


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("= no", "cannot be read"),
        ('url = "https://github.com/a/b/issues/1"\n', "lacks 'title'"),
        ('colour = "red"\n', "unknown key 'colour'"),
    ],
)
def test_a_broken_case_is_one_sentence_with_its_file(
    broken: str, said: str, tmp_path: Path
) -> None:
    (tmp_path / "it-broke.toml").write_text(broken, encoding="utf-8")
    with pytest.raises(UserError, match=r"it-broke\.toml") as caught:
        read_cases(tmp_path)
    assert said in str(caught.value)


def test_packaged_files_are_cases_and_nothing_else() -> None:
    import firstmile.knowledge

    folder = Path(firstmile.knowledge.__file__).parent / "casebook"
    for file in folder.iterdir():
        assert tomllib.loads(file.read_text(encoding="utf-8")), file.name
