"""Pages of issues whose source lacks comments or authors say what is not there, and no more."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from firstmile.study.collecting import collect
from firstmile.study.decisions import Step
from firstmile.study.folder import StudyFolder, make_study
from firstmile.study.issues import Comment, Issue
from firstmile.study.machine_screen import screen_by_machine
from firstmile.ui.web.browsing import comments_said
from firstmile.ui.web.lines import Quotes
from firstmile.ui.web.thread import parts
from sources.export_files import lines, rest_comment, rest_issue
from ui.web.served import Served
from ui.web.studies import DESIGN, include_all

Serve = Callable[..., Served]


def issue_of(**known: Any) -> Issue:
    return Issue(
        origin="rest-export",
        repository="o/r",
        number=1,
        url="https://github.com/o/r/issues/1",
        title="t",
        **known,
    )


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    exported = '[[sources]]\nkind = "rest-export"\nfiles = ["*.jsonl"]\n'
    folder = make_study(tmp_path / "study", f"{DESIGN}\n{exported}")
    without = {key: value for key, value in rest_issue(1, comments=8).items() if key != "user"}
    (folder.path / "a.jsonl").write_bytes(
        lines(
            [
                without,
                rest_issue(2, comments=1, user=None),
                rest_issue(3, comments=3, comments_data=[rest_comment(1)]),
            ]
        )
    )
    collect(folder)
    folder.store.refresh(folder.archive)
    return folder


def test_what_a_source_lacks_is_said_so_on_the_pages(study: StudyFolder, serve: Serve) -> None:
    with serve(study).client("ada") as client:
        listed = client.get("/issues").text
        assert "8 comments, which the source did not hold" in listed
        assert "1 comment, which the source did not hold" in listed
        assert "1 comment, and 2 more that the source did not hold" in listed
        assert "0 comments" not in listed
        hits = client.get("/issues.json").json()["hits"]
        assert {hit["number"]: hit["missing"] for hit in hits} == {1: 8, 2: 1, 3: 2}
        first, second = (client.get(f"/issues/o/r/{number}").text for number in (1, 2))
    assert "author not known" in first
    assert "account is gone" not in first
    assert "8 comments missing" in first
    assert "somebody whose account is gone" in second
    assert "1 comment missing" in second
    assert "The source held only the number of comments, not what they say." in second


def test_who_verifies_a_thread_without_its_comments_is_not_said_to_have_all_of_it(
    study: StudyFolder, serve: Serve
) -> None:
    design = (study.path / "study.toml").read_text() + '\n[screen]\nkeywords = ["breaks"]\n'
    (study.path / "study.toml").write_text(design)
    study = StudyFolder(study.path)
    screen_by_machine(study)
    include_all(study, steps=(Step.SCREEN,))
    with serve(study).client("ada") as client:
        page = client.get("/verify").text
    assert "With all that is here of the thread read: is it a failure" in page


@pytest.mark.parametrize(
    ("held", "missing", "said"),
    [
        (0, 0, "0 comments"),
        (1, 0, "1 comment"),
        (0, 1, "1 comment, which the source did not hold"),
        (1_000, 2_000, "1,000 comments, and 2,000 more that the source did not hold"),
    ],
)
def test_comments_are_counted_in_words(held: int, missing: int, said: str) -> None:
    assert comments_said(held, missing) == said


def test_two_authors_that_are_not_known_are_not_the_same() -> None:
    issue = issue_of(author="", comments=(Comment(body="x", author=""),))
    shown = [part["who"] for part in parts(issue, quotes=Quotes())]
    assert shown == ["author not known", "author not known"]
