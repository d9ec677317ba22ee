"""What a plan counts: each issue of the store once, files without requests, no example's name."""

from pathlib import Path

import pytest

from firstmile.errors import UserError
from firstmile.study.collecting import collect
from firstmile.study.costs import plan_study
from firstmile.study.design import ready_design
from firstmile.study.folder import StudyFolder, make_study
from firstmile.study.planning import plan_sentences
from sources.export_files import lines, rest_issue
from sources.github_server import invent, serve

EXPORT = 'kind = "rest-export"\nfiles = ["*.jsonl"]'
REPOSITORY = "octo/engine"


def study_of(folder: Path, source: str) -> StudyFolder:
    return make_study(folder, f'[study]\nname = "s"\n[[sources]]\n{source}\n')


def brought(study: StudyFolder, *, full: bool = False) -> StudyFolder:
    collect(study, credentials=["ghp_one"], full=full)
    with study.lock():
        study.store.refresh(study.archive)
    return study


def test_a_plan_counts_issues_of_files_once_however_often_they_were_collected(
    tmp_path: Path,
) -> None:
    study = study_of(tmp_path, EXPORT)
    (tmp_path / "a.jsonl").write_bytes(lines([rest_issue(n) for n in range(1, 31)]))
    (tmp_path / "b.jsonl").write_bytes(lines([rest_issue(n) for n in range(21, 41)]))
    before = plan_study(study)
    assert (before.issues, before.requests, before.minutes) == (40, 0, 0)
    brought(study)
    after = plan_study(brought(study, full=True))
    assert (after.issues, after.known, after.requests) == (40, {"o/r": 40}, 0)
    said = plan_sentences(before)[0]
    assert said.startswith("40 issues, from files, so without any request: less than")
    said = plan_sentences(after)[0]
    assert said == "40 issues are collected; collecting again asks only for what is new."


def test_a_plan_counts_issues_of_a_repository_once_after_a_full_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = study_of(tmp_path, f'kind = "github"\nrepositories = ["{REPOSITORY}"]')
    with serve(invent(30, repositories=[REPOSITORY], long=0)) as server:
        monkeypatch.setenv("FIRSTMILE_GITHUB_API", server.url)
        there = len(server.world.repositories[REPOSITORY].issues())
        before = plan_study(study, credentials=["ghp_one"])
        brought(study)
        made = plan_study(brought(study, full=True))
    assert (before.issues, before.collected) == (there, 0)
    assert before.requests > 0
    assert (made.issues, made.known) == (there, {REPOSITORY: there})
    assert (made.collected, made.requests, made.bytes) == (there, 0, 0)


def test_files_are_counted_as_the_study_takes_them(tmp_path: Path) -> None:
    study = study_of(tmp_path, f'{EXPORT}\nrepositories = ["o/r"]')
    other = rest_issue(3, html_url="https://github.com/p/q/issues/3")
    pull = rest_issue(2, pull_request={"url": "https://example.org"})
    (tmp_path / "a.jsonl").write_bytes(lines([rest_issue(1), rest_issue(1), pull, other]))
    assert plan_study(study).issues == 1


def test_a_plan_of_nothing_says_where_to_look(tmp_path: Path) -> None:
    study = study_of(tmp_path, f'{EXPORT}\nrepositories = ["o/typo"]')
    (tmp_path / "a.jsonl").write_bytes(lines([rest_issue(1)]))
    (said,) = plan_sentences(plan_study(study))
    assert said.startswith("The sources of the study.toml hold no issue that the study takes")


def test_a_plan_of_what_cannot_be_counted_says_how_to_assume_a_number(tmp_path: Path) -> None:
    study = study_of(tmp_path, f'kind = "github"\nrepositories = ["{REPOSITORY}"]')
    said = " ".join(plan_sentences(plan_study(study)))
    assert f"Not counted, since their size is not known yet: {REPOSITORY}. With --issues N" in said
    assert "from files" not in said


def test_a_plan_asks_for_the_example_to_be_replaced_first(tmp_path: Path) -> None:
    study = make_study(tmp_path / "mine", ready_design("blank"))
    for assumed in (None, 300):
        with pytest.raises(UserError, match=r"still names .owner/name.: write the"):
            plan_study(study, assumed=assumed)
