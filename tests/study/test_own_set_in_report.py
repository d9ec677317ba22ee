"""The report of a set of one's own: what stands beside the rows, and what cannot be judged."""

import shutil
from pathlib import Path

import pytest

from firstmile.findings import Finding, Outcome
from firstmile.rendering.document import Section, walk
from firstmile.study.judging import State, Verdict, judge, load_claims
from firstmile.study.labelled_sets import EMBEDDED, open_labelled_set
from firstmile.study.publishing.publishing import publish
from firstmile.study.report import Report, make_report
from firstmile.study.settings import Settings
from firstmile.ui.study_commands import print_summary
from publishing.samples import dataset

FEW = Settings(permutations=199, bootstraps=199, noise_replicates=20)
KEYS = ("in these results", "_", "[", "contrasts")


def report_of(source: str) -> Report:
    opened = open_labelled_set(source)
    return make_report(opened.counts, opened.facts, opened.findings, FEW)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish(dataset(), tmp_path_factory.mktemp("own") / "published")


@pytest.fixture(scope="module")
def report(published: Path) -> Report:
    return report_of(str(published))


def found(source: Path | str, rule: str) -> Finding:
    (one,) = [f for f in open_labelled_set(str(source)).findings if f.source == rule]
    return one


def section(report: Report, name: str) -> Section:
    return next(one for one in walk(report.document.sections) if one.id == name)


def test_what_stands_beside_a_published_set_is_looked_at(published: Path) -> None:
    assert found(published, "license-absent").outcome is Outcome.PASS
    assert found(published, "folder-name-ends-in-space").outcome is Outcome.PASS
    beside = found(published, "file-not-read")
    assert beside.outcome is Outcome.PASS
    assert beside.message.startswith("the study.toml names what is read: 1 data file; ")


def test_the_data_quality_page_says_that_the_set_is_as_it_was_published(report: Report) -> None:
    shown = {row[0]: row[1] for row in section(report, "data-quality").grids[0].rows}
    assert shown["changed-since-published"] == "pass"


def test_the_card_that_firstmile_wrote_is_not_held_to_the_number_of_records(
    published: Path,
) -> None:
    one = found(published, "readme-counts-differ")
    assert one.outcome is Outcome.SKIP
    assert "firstmile wrote the README" in one.message


def own_rows(folder: Path, readme: str = "") -> Path:
    folder.mkdir()
    line = "crash/process-killed,hardware/cpu-memory,inference\n"
    (folder / "set.csv").write_text("symptom,cause,stage\n" + line * 5, encoding="utf-8")
    (folder / "study.toml").write_text('[data]\nfiles = ["set.csv"]\n', encoding="utf-8")
    if readme:
        (folder / "README.md").write_text(readme, encoding="utf-8")
    return folder


@pytest.mark.parametrize("named", ["", "study.toml"])
def test_a_readme_beside_a_study_toml_is_read(tmp_path: Path, named: str) -> None:
    folder = own_rows(tmp_path / "mine", "We hold 7 failures.")
    assert "wrong in 1 of 1 count" in found(folder / named, "readme-counts-differ").message
    assert found(folder / named, "license-absent").outcome is Outcome.WARN


def test_a_readme_that_is_a_link_is_left_alone(tmp_path: Path) -> None:
    folder = own_rows(tmp_path / "mine")
    (tmp_path / "secret").write_text("We hold 7 failures.", encoding="utf-8")
    (folder / "README.md").symlink_to(tmp_path / "secret")
    assert "no README" in found(folder, "readme-counts-differ").message


def test_the_layout_alone_does_not_make_the_published_set(published: Path) -> None:
    report = report_of(str(published / "open-llm-failures"))

    assert not report.data["source"]["is_published_set"]
    assert not any(j.claim.published_set_only for j in report.judgements)


def test_the_published_set_is_known_by_what_it_holds(data_folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copied"
    shutil.copytree(data_folder / "open-llm-failures", copy)
    assert open_labelled_set(str(copy)).facts.is_published_set
    shutil.rmtree(copy / "DeepSeek" / "R1 ")
    assert not open_labelled_set(str(copy)).facts.is_published_set


def test_what_a_claim_lacks_is_said_in_words_for_every_claim() -> None:
    for claim in load_claims():
        for results in ({}, {name: {"x": 1} for name in ("version_changes", "rank_differences")}):
            for item in judge(claim, results).conditions:
                assert item.state is State.NOT_KNOWN
                assert not any(key in item.would_change for key in KEYS), item.would_change


def test_the_reason_of_a_missing_analysis_is_passed_on() -> None:
    claim = next(one for one in load_claims() if one.analysis == "version_changes")
    item = judge(claim, {}, missing={"version_changes": "no series has two versions"}).conditions[0]
    assert item.would_change == (
        'a source that gives it: there is no answer to "Changes between versions" '
        "(no series has two versions)"
    )


def test_a_row_that_is_not_there_is_named_by_labels() -> None:
    claim = next(one for one in load_claims() if one.id == "crash_first_incorrect_second")
    item = judge(claim, {"rank_differences": {"symptoms": []}}).conditions[0]
    assert "there is no row of Crash and Incorrect Functionality in" in item.would_change


def test_claims_that_cannot_be_judged_are_one_line_to_be_opened(report: Report) -> None:
    unjudged = [j for j in report.judgements if j.verdict is Verdict.CANNOT_BE_JUDGED]
    folded = section(report, "claims-not-judged")
    claims = section(report, "claims")

    assert len(unjudged) > 3
    assert folded.folded is not None
    assert folded.folded.startswith(f"{len(unjudged)} claims that these failures cannot judge")
    assert folded.sentences == ()
    assert [row[0] for row in folded.grids[0].rows] == [j.claim.sentence for j in unjudged]
    assert all(str(row[1]).strip(".") for row in folded.grids[0].rows)
    assert len(claims.sections) == len(report.judgements) - len(unjudged) + 1
    assert len(report.data["claims"]) == len(report.judgements)


def test_the_published_set_shows_every_claim_as_before() -> None:
    report = report_of(EMBEDDED)
    claims = section(report, "claims")

    assert len(claims.sections) == len(claims.grids[0].rows) == len(report.judgements)
    assert any(j.verdict is Verdict.CANNOT_BE_JUDGED for j in report.judgements)
    assert all(one.folded is None for one in claims.sections)


def test_each_number_beside_a_claim_says_what_it_is_of() -> None:
    report = report_of(EMBEDDED)
    rows = section(report, "claims").grids[0].rows

    for judgement, row in zip(report.judgements, rows, strict=True):
        parts = str(row[3]).split("; ")
        assert len(parts) == len(judgement.conditions)
        for condition, part in zip(judgement.conditions, parts, strict=True):
            assert part.startswith(f"{condition.condition.says}: ")


def test_the_terminal_lists_what_was_judged(
    report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    print_summary(report)
    own = capsys.readouterr().out
    print_summary(report, of_the_published_set=True)
    everything = capsys.readouterr().out

    assert "cannot be judged  " not in own
    assert "cannot be judged  " in everything
    assert "beyond judging" in " ".join(own.split())
