"""Where the text ends on a page: the thread, or only as much of it as is here."""

from collections.abc import Callable
from pathlib import Path

import pytest

from firstmile.study.collecting import collect
from firstmile.study.folder import make_study
from firstmile.study.issues import Comment, Issue
from firstmile.ui.web import thread
from firstmile.ui.web.lines import Quotes
from sources.export_files import lines, rest_comment, rest_issue
from ui.web.served import Served
from ui.web.studies import DESIGN, include_all

Serve = Callable[..., Served]
HERE = "End of what is here. Missing from the thread: "


def issue_of(*comments: str, missing: int = 0) -> Issue:
    return Issue(
        origin="rest-export",
        repository="o/r",
        number=1,
        url="https://github.com/o/r/issues/1",
        title="t",
        comments=tuple(Comment(body=body) for body in comments),
        missing_comments=missing,
    )


@pytest.mark.parametrize(
    ("issue", "whole", "words"),
    [
        (issue_of("a"), True, "End of the thread."),
        (issue_of(), True, "End of the thread: it has no comments."),
        (issue_of("a", missing=1), True, f"{HERE}1 comment that the source did not hold."),
        (issue_of(missing=1_200), True, f"{HERE}1,200 comments that the source did not hold."),
        (
            issue_of("a", "b" * thread.CEILING, "c", missing=3),
            True,
            f"{HERE}2 comments that the plain text has and 3 comments that the source did not "
            "hold.",
        ),
        (
            issue_of("a", missing=3),
            False,
            "End of the description. The screen shows no comments; verifying shows them all.",
        ),
    ],
)
def test_end_says_how_much_of_the_thread_is_not_there(
    issue: Issue, whole: bool, words: str
) -> None:
    assert thread.end(issue, whole=whole) == words


def test_page_shows_the_comments_that_its_end_counts_as_shown() -> None:
    issue = issue_of("a", "b" * thread.CEILING, "c", missing=3)
    shown = [part["who"] for part in thread.parts(issue, quotes=Quotes())]
    assert shown[2:] == ["2 more comments", "3 comments missing"]


def test_rating_pages_end_with_what_is_missing(tmp_path: Path, serve: Serve) -> None:
    exported = '[[sources]]\nkind = "rest-export"\nfiles = ["*.jsonl"]\n'
    folder = make_study(tmp_path / "study", f"{DESIGN}\n{exported}")
    issue = rest_issue(3, comments=3, comments_data=[rest_comment(1)])
    (folder.path / "a.jsonl").write_bytes(lines([issue]))
    collect(folder)
    folder.store.refresh(folder.archive)
    include_all(folder)
    with serve(folder).client("ada") as client:
        for step in ("verify", "label"):
            page = client.get(f"/{step}?issue=https://github.com/o/r/issues/3").text
            assert f"{HERE}2 comments that the source did not hold." in page
            assert "End of the thread" not in page
        twin = client.get("/label.json").json()["issue"]
        assert (len(twin["comments"]), twin["missing_comments"]) == (1, 2)
        screen = client.get("/screen?issue=https://github.com/o/r/issues/3").text
    assert "End of the description." in screen
