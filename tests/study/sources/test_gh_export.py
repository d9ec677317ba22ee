"""Exports of the gh command: its own names of fields, its limit on comments, its searches."""

import json
from pathlib import Path
from typing import Any

import pytest

from firstmile.study.sources import gh_export
from sources.export_files import KEY, Study, lines


def listed(number: int, **changes: Any) -> dict[str, Any]:
    """Return an issue as `gh issue list --json` prints it."""
    return {
        "author": {"id": "MDQ6", "is_bot": False, "login": "ada", "name": "Ada Lovelace"},
        "body": "It breaks, @bob.",
        "closedAt": "2024-03-05T05:06:07Z",
        "comments": [],
        "createdAt": "2024-03-04T05:06:07Z",
        "labels": [{"id": "LA", "name": "bug", "description": "", "color": "d73a4a"}],
        "number": number,
        "state": "CLOSED",
        "stateReason": "NOT_PLANNED",
        "title": f"Issue {number}",
        "updatedAt": "2024-03-05T05:06:07Z",
        "url": f"https://github.com/o/r/issues/{number}",
        **changes,
    }


def comment(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"IC_{number}",
        "author": {"login": "bob"},
        "authorAssociation": "MEMBER",
        "body": f"comment {number}",
        "createdAt": f"2024-03-04T06:{number // 60:02}:{number % 60:02}Z",
        "url": f"https://github.com/o/r/issues/1#issuecomment-{number}",
        "viewerDidAuthor": False,
        **changes,
    }


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study(gh_export, tmp_path)


def test_an_issue_is_read_whole(study: Study) -> None:
    study.write("a.json", json.dumps([listed(7, comments=[comment(2), comment(1)])]).encode())
    (issue,) = study.issues()
    assert (issue.repository, issue.number, issue.origin) == ("o/r", 7, "gh-export")
    assert (issue.state, issue.state_reason) == ("closed", "not_planned")
    assert issue.labels == ("bug",)
    assert issue.author == KEY.of("ada")
    assert issue.body == f"It breaks, @{KEY.of('bob')}."
    assert issue.created_at == "2024-03-04T05:06:07Z"
    assert [c.body for c in issue.comments] == ["comment 1", "comment 2"]
    assert {(c.author, c.association) for c in issue.comments} == {(KEY.of("bob"), "MEMBER")}


def test_no_name_of_the_author_is_left(study: Study) -> None:
    study.write("a.json", json.dumps([listed(1, comments=[comment(1)])]).encode())
    stored = json.dumps(dict(study.records()[0].payload))
    assert "Lovelace" not in stored
    assert '"ada"' not in stored
    assert '"bob"' not in stored


def test_an_open_issue_without_reason_or_author_is_read(study: Study) -> None:
    study.write(
        "a.json", json.dumps([listed(1, author=None, state="OPEN", stateReason="")]).encode()
    )
    (issue,) = study.issues()
    assert (issue.author, issue.state, issue.state_reason) == (None, "open", None)


def test_the_limit_of_gh_on_comments_is_said(study: Study) -> None:
    full = [comment(number) for number in range(100)]
    study.write("a.json", json.dumps([listed(1, comments=full), listed(2)]).encode())
    (page,) = study.pages()
    assert page.warnings == (
        "a.json: 1 issue came with 100 comments, the most that gh exports, "
        "so that later ones may be missing.",
    )


def test_an_export_without_comments_says_so(study: Study) -> None:
    bare = [listed(1), listed(2)]
    for value in bare:
        del value["comments"]
    study.write("a.json", json.dumps(bare).encode())
    (page,) = study.pages()
    assert (
        "2 issues came without comments, so raters read their descriptions alone"
        in (page.warnings[0])
    )


def test_a_search_counts_its_comments_and_marks_pull_requests(study: Study) -> None:
    found = listed(3, commentsCount=4, isPullRequest=False, isLocked=True, authorAssociation="NONE")
    del found["comments"]
    pull = listed(4, url="https://github.com/o/r/pull/4", isPullRequest=True)
    study.write("a.json", json.dumps([found, pull]).encode())
    (issue,) = study.issues()
    assert (issue.number, issue.missing_comments, issue.locked) == (3, 4, True)


def test_lines_and_lists_in_a_row_are_read(study: Study) -> None:
    study.write(
        "a.json", json.dumps([listed(1)]).encode() + b"\n" + json.dumps([listed(2)]).encode()
    )
    study.write("b.jsonl", lines([listed(3)]))
    assert [issue.number for issue in study.issues()] == [1, 2, 3]


def test_an_author_that_gh_was_not_asked_for_is_not_taken_for_a_deleted_account(
    study: Study,
) -> None:
    without = {key: value for key, value in listed(1).items() if key != "author"}
    study.write("a.json", json.dumps([without, listed(2, author={"login": ""})]).encode())
    assert [issue.author for issue in study.issues()] == ["", None]
