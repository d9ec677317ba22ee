"""Exports of Perceval: the issue inside its envelope, with the comments beside it."""

import json
from pathlib import Path
from typing import Any

import pytest

from firstmile.study.sources import perceval_export
from sources.export_files import KEY, Study, lines, packed, rest_comment, rest_issue

PROFILE = {"login": "ada", "name": "Ada Lovelace", "email": "ada@example.org", "company": "X"}


def item(number: int, category: str = "issue", **changes: Any) -> dict[str, Any]:
    """Return an item as Perceval's GitHub backend writes it."""
    data = rest_issue(number, user_data=PROFILE, assignee_data={}, assignees_data=[], **changes)
    return {
        "backend_name": "GitHub",
        "backend_version": "0.29.0",
        "category": category,
        "classified_fields_filtered": None,
        "data": {"comments_data": [], "reactions_data": [], **data},
        "origin": "https://github.com/o/r",
        "perceval_version": "1.4.1",
        "search_fields": {"item_id": str(number), "owner": "o", "repo": "r"},
        "tag": "https://github.com/o/r",
        "timestamp": 1735689600.0,
        "updated_on": 1709615167.0,
        "uuid": "0a1b2c",
    }


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study(perceval_export, tmp_path)


def test_an_issue_is_read_with_its_comments(study: Study) -> None:
    comments = [rest_comment(2, user_data=PROFILE), rest_comment(1)]
    study.write("a.json", lines([item(7, comments=3, comments_data=comments)]))
    (issue,) = study.issues()
    assert (issue.repository, issue.number, issue.origin) == ("o/r", 7, "perceval-export")
    assert issue.url == "https://github.com/o/r/issues/7"
    assert issue.author == KEY.of("ada")
    assert [comment.body for comment in issue.comments] == ["comment 1", "comment 2"]
    assert issue.missing_comments == 1


def test_profiles_that_perceval_fetched_are_not_kept(study: Study) -> None:
    comments = [rest_comment(1, user_data=PROFILE)]
    study.write("a.json", lines([item(1, comments_data=comments)]))
    stored = json.dumps(dict(study.records()[0].payload))
    for told in ("Lovelace", "example.org", "company", '"ada"'):
        assert told not in stored


def test_pull_requests_and_other_categories_are_left_out(study: Study) -> None:
    study.write(
        "a.json",
        lines([item(1), item(2, pull_request={"url": "x"}), item(3, "pull_request")]),
    )
    assert [issue.number for issue in study.issues()] == [1]


def test_repository_items_are_said_to_be_no_issues(study: Study) -> None:
    repository = {"backend_name": "GitHub", "category": "repository", "data": {"forks": 3}}
    study.write("a.json", lines([item(1), repository]))
    (page,) = study.pages()
    assert [record.number for record in page.records] == [1]
    assert "1 record names no issue" in page.warnings[0]


@pytest.mark.parametrize("pack", [bytes, packed], ids=["plain", "gzip"])
def test_indented_items_in_a_row_are_read(study: Study, pack: "type[bytes]") -> None:
    text = "\n".join(json.dumps(item(n), indent=4, sort_keys=True) for n in (1, 2, 3))
    study.write("a.json", pack(text.encode()))
    assert [issue.number for issue in study.issues()] == [1, 2, 3]


def test_an_issue_collected_twice_comes_in_both_states(study: Study) -> None:
    study.write("a.json", lines([item(1, state="open"), item(1, state="closed")]))
    assert [issue.state for issue in study.issues()] == ["open", "closed"]
