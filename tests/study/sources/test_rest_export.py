"""Exports shaped like the REST API: read whole, resumed, and never taken for more than they are."""

import gzip
import json
import re
import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.errors import UserError
from firstmile.study.github.addresses import issue_url
from firstmile.study.sources import rest_export
from sources.export_files import KEY, Study, lines, packed, rest_comment, rest_issue


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return Study(rest_export, tmp_path)


def test_an_issue_is_read_whole(study: Study) -> None:
    study.write("a.jsonl", lines([rest_issue(7, comments=3)]))
    (issue,) = study.issues()
    assert issue.repository == "o/r"
    assert issue.number == 7
    assert issue.url == "https://github.com/o/r/issues/7"
    assert issue.origin == "rest-export"
    assert issue.title == "Issue 7"
    assert issue.body == f"It breaks. Mail <email> or see /home/<user>/x, cc @{KEY.of('bob')}."
    assert issue.state == "closed"
    assert issue.state_reason == "completed"
    assert issue.labels == ("bug",)
    assert issue.author == KEY.of("ada")
    assert issue.association == "NONE"
    assert issue.created_at == "2024-03-04T05:06:07Z"
    assert issue.missing_comments == 3
    assert issue.fetched_at == "2025-01-01T00:00:00Z"


def test_comments_are_read_in_order_where_they_are_listed(study: Study) -> None:
    comments = [rest_comment(2), rest_comment(1, "eve", user=None)]
    study.write("a.jsonl", lines([rest_issue(1, comments=comments)]))
    study.write("b.jsonl", lines([rest_issue(2, comments=5, comments_data=comments)]))
    first, second = study.issues()
    assert [comment.body for comment in first.comments] == ["comment 1", "comment 2"]
    assert [comment.author for comment in first.comments] == [None, KEY.of("bob")]
    assert first.missing_comments == 0
    assert second.missing_comments == 3


@pytest.mark.parametrize(
    "data",
    [
        lines([rest_issue(1), rest_issue(2)]),
        json.dumps([rest_issue(1), rest_issue(2)]).encode(),
        json.dumps([rest_issue(1), rest_issue(2)], indent=2).encode(),
        json.dumps([rest_issue(1)]).encode() + json.dumps([rest_issue(2)]).encode(),
        b"\xef\xbb\xbf" + json.dumps(rest_issue(1)).encode() + b"\n\n" + lines([rest_issue(2)]),
        (json.dumps(rest_issue(1), indent=1) + "\n" + json.dumps(rest_issue(2))).encode(),
    ],
    ids=["lines", "list", "indented list", "lists in a row", "byte order mark", "objects in a row"],
)
@pytest.mark.parametrize("pack", [bytes, packed], ids=["plain", "gzip"])
def test_every_way_of_writing_issues_down_is_read(
    study: Study, data: bytes, pack: "type[bytes]"
) -> None:
    study.write("a.json", pack(data))
    assert [issue.number for issue in study.issues()] == [1, 2]


def test_pull_requests_and_other_repositories_are_left_out(study: Study) -> None:
    study.write(
        "a.jsonl",
        lines(
            [
                rest_issue(1),
                rest_issue(2, pull_request={"url": "x"}),
                rest_issue(3, html_url="https://github.com/O/R/pull/3"),
                rest_issue(4, html_url="https://github.com/other/r/issues/4"),
            ]
        ),
    )
    study.options["repositories"] = ["O/r"]
    assert [issue.number for issue in study.issues()] == [1]


def test_days_outside_the_study_are_left_out(study: Study) -> None:
    days = ["2023-12-31T23:59:59Z", "2024-01-01T00:00:00Z", "2024-01-31T23:59:59+00:00"]
    study.write(
        "a.jsonl",
        lines([rest_issue(n, created_at=day) for n, day in enumerate([*days, "2024-02-01T"], 1)]),
    )
    found = study.issues(since=date(2024, 1, 1), until=date(2024, 1, 31))
    assert [issue.number for issue in found] == [2, 3, 4]
    assert found[-1].created_at is None


def test_a_record_without_address_is_placed_by_the_one_repository_wanted(study: Study) -> None:
    study.write("a.jsonl", lines([{"number": 5, "title": "t", "body": None}]))
    pages, said = study.pages_until_error("a.jsonl")
    assert not pages
    assert "names no issue, neither by address nor by repository and number, in its one" in said
    study.options["repositories"] = ["o/r"]
    (issue,) = study.issues()
    assert (issue.url, issue.body) == ("https://github.com/o/r/issues/5", "")


def test_pages_are_small_and_a_stopped_run_goes_on(study: Study) -> None:
    study.write("a.jsonl", lines([rest_issue(number) for number in range(1, 1203)]))
    pages = study.pages()
    assert [len(page.records) for page in pages] == [500, 500, 202]
    assert [page.done for page in pages] == [False, False, True]
    for place, page in enumerate(pages):
        rest = study.pages(state=page.state)
        assert [p.records for p in rest] == [p.records for p in pages[place + 1 :]]


def test_an_unchanged_file_brings_nothing_and_a_changed_one_everything(study: Study) -> None:
    study.write("a.jsonl", lines([rest_issue(1)]))
    (page,) = study.pages()
    assert study.pages(state=page.state) == []
    assert len(study.pages(state=page.state, full=True)[0].records) == 1
    study.write("a.jsonl", lines([rest_issue(1), rest_issue(2)]))
    (again,) = study.pages(state=page.state)
    assert [record.number for record in again.records] == [1, 2]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"files": "a.json"}, "files must be a list"),
        ({"files": []}, "files is empty"),
        ({"files": ["nothing/*.json"]}, 'No file matches "nothing/\\*.json"'),
        ({"files": ["b.json"]}, 'No file matches "b.json"'),
    ],
)
def test_a_bad_table_is_one_sentence(study: Study, options: dict[str, object], said: str) -> None:
    study.options = options
    with pytest.raises(UserError, match=said):
        study.targets()


def test_patterns_reach_below_and_beside_the_folder(tmp_path: Path) -> None:
    study = Study(rest_export, tmp_path / "study")
    for name in ("b.json", "x/y/c.json", "x/d.txt"):
        study.write(name, b"[]")
    (tmp_path / "a.json").write_bytes(b"[]")
    study.options["files"] = ["../*.json", "**/*.json", "b.json", str(tmp_path / "a.json")]
    assert study.targets() == ["../a.json", "b.json", "x/y/c.json"]


def test_an_empty_list_is_a_whole_export(study: Study) -> None:
    study.write("a.json", b"[]")
    (page,) = study.pages()
    assert page.done
    assert not page.records


TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)


@given(st.lists(TEXTS, min_size=1, max_size=5), st.booleans(), st.booleans())
def test_any_texts_are_read_back_as_they_were(
    titles: list[str], is_list: bool, is_packed: bool
) -> None:
    values = [rest_issue(number, title=title) for number, title in enumerate(titles, 1)]
    data = json.dumps(values, ensure_ascii=False).encode() if is_list else lines(values)
    with tempfile.TemporaryDirectory() as folder:
        study = Study(rest_export, Path(folder))
        study.write("a.json", packed(data) if is_packed else data)
        (page,) = study.pages()
    assert [record.payload["title"] for record in page.records] == titles


def test_real_issues_are_all_read(data_folder: Path, tmp_path: Path) -> None:
    source = data_folder / "engine-issues" / "issues.jsonl.gz"
    study = Study(rest_export, tmp_path, {"files": [str(source)]})
    pages = study.pages()
    read = [rest_export.issue(record, "") for page in pages for record in page.records]
    issues = [issue for issue in read if issue is not None]
    with gzip.open(source) as file:
        given = [json.loads(line) for line in file]
    assert [issue.number for issue in issues] == [value["number"] for value in given]
    assert [issue.labels for issue in issues] == [tuple(value["labels"]) for value in given]
    assert sum(issue.missing_comments for issue in issues) == sum(v["comments"] for v in given)
    assert {
        issue.url.rpartition("/issues/")[0].partition("github.com/")[2] for issue in issues
    } == {issue.repository for issue in issues}
    assert all(issue.created_at and issue.created_at.endswith("Z") for issue in issues)


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("http://github.com/o/r/issues/7", "https://github.com/o/r/issues/7"),
        ("https://github.com/o/r/issues/7#issuecomment-9", "https://github.com/o/r/issues/7"),
        ("https://github.com/o/r/issues/7?a=b", "https://github.com/o/r/issues/7"),
        ("javascript:alert(1)", "https://github.com/o/r/issues/7"),
        ("https://a:b@evil.example/o/r/issues/7", "https://github.com/o/r/issues/7"),
        ("https://Git.Example.org/o/r/issues/7/", "https://git.example.org/o/r/issues/7"),
        ("https://git.example.org:8443/o/r/issues/7", "https://git.example.org:8443/o/r/issues/7"),
        (None, "https://github.com/o/r/issues/7"),
    ],
)
def test_an_address_is_made_of_its_parts(study: Study, written: str | None, url: str) -> None:
    study.write("a.jsonl", lines([rest_issue(7, html_url=written)]))
    assert [issue.url for issue in study.issues()] == [url]


def test_an_enterprise_address_of_the_api_is_that_of_the_site(study: Study) -> None:
    api = "https://git.example.org/api/v3/repos/o/r/issues/7"
    study.write("a.jsonl", lines([rest_issue(7, html_url=None, url=api)]))
    assert [issue.url for issue in study.issues()] == ["https://git.example.org/o/r/issues/7"]


@given(st.text(max_size=60), st.sampled_from(["", "https://github.com/o/r/issues/7"]))
def test_whatever_is_written_the_address_has_one_form(written: str, before: str) -> None:
    url = issue_url("o/r", 7, before + written)
    assert re.fullmatch(r"https://[a-z0-9.:-]+/o/r/issues/7", url)


def test_comments_that_are_a_number_are_warned_of_once_with_the_way_to_get_them(
    study: Study,
) -> None:
    counted = [rest_issue(n, comments=2) for n in range(1, 1_203)]
    whole = [rest_issue(2_000, comments=[rest_comment(1)]), rest_issue(2_001)]
    beside = rest_issue(2_002, comments=1, comments_data=[rest_comment(1)])
    study.write("a.jsonl", lines([*counted, *whole, beside]))
    said = [warning for page in study.pages() for warning in page.warnings]
    assert len(said) == 1
    assert said[0].startswith("a.jsonl: 1,202 issues came with a count in place of comments, ")
    assert "so raters read their descriptions alone: put the list" in said[0]
    assert 'as "comments_data", or collect with kind = "github"' in said[0]


def test_an_author_the_export_lacks_is_not_taken_for_a_deleted_account(study: Study) -> None:
    without = {key: value for key, value in rest_issue(1).items() if key != "user"}
    study.write(
        "a.jsonl", lines([without, rest_issue(2, user=None), rest_issue(3, user={"id": 7})])
    )
    assert [issue.author for issue in study.issues()] == ["", None, ""]
    assert [sorted(issue.participants) for issue in study.issues()] == [[], [], []]


def test_a_full_pass_says_once_that_files_tell_of_no_deletions(study: Study) -> None:
    study.write("a.jsonl", lines([rest_issue(1), rest_issue(2)]))
    study.write("b.jsonl", lines([rest_issue(3)]))
    assert [page.warnings for name in study.targets() for page in study.pages(name)] == [(), ()]
    study.write("a.jsonl", lines([rest_issue(1)]))
    again = [page for name in study.targets() for page in study.pages(name, full=True)]
    (said,) = [warning for page in again for warning in page.warnings]
    assert said.startswith("A full pass over files notices no deletions")
    assert 'GitHub\'s API tells, through a source of kind = "github".' in said
    assert [page.deleted for page in again] == [(), ()]
