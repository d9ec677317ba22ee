"""Whether a program or a person wrote: kept from every source through archive and store."""

import json
from pathlib import Path
from typing import Any

import pytest

from firstmile.study.collecting import collect
from firstmile.study.folder import StudyFolder, make_study
from firstmile.study.github.payload import is_bot
from firstmile.study.issues import Comment, Issue
from firstmile.ui.web.lines import Quotes
from firstmile.ui.web.thread import parts
from sources.export_files import lines, rest_comment, rest_issue
from sources.github_server import invent, serve

REPOSITORY = "octo/engine"
REST_BOT = {"login": "stale[bot]", "id": 9, "type": "Bot"}


def study_of(folder: Path, source: str) -> StudyFolder:
    return make_study(folder / "study", f'[study]\nname = "s"\n[[sources]]\n{source}\n')


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        ({"login": "dependabot", "__typename": "Bot"}, True),
        ({"login": "stale[bot]", "type": "Bot"}, True),
        ({"login": "app/dependabot", "is_bot": True}, True),
        ({"login": "stale[bot]"}, True),
        ("github-actions[bot]", True),
        ({"login": "ada", "__typename": "User", "type": "User", "is_bot": False}, False),
        ({"login": "robot-lover", "type": "User"}, False),
        ("ada", False),
        (None, False),
        ({"login": 7}, False),
        (["x[bot]"], False),
    ],
)
def test_a_bot_is_told_however_it_is_said(account: Any, expected: bool) -> None:
    assert is_bot(account) is expected


def test_bots_of_the_graphql_api_are_bots_in_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = study_of(tmp_path, f'kind = "github"\nrepositories = ["{REPOSITORY}"]')
    with serve(invent(80, repositories=[REPOSITORY], long=0.1)) as server:
        monkeypatch.setenv("FIRSTMILE_GITHUB_API", server.url)
        collect(study, credentials=["ghp_one"])
        repository = server.world.find(REPOSITORY)
        assert repository is not None
        threads = {thread.number: thread for thread in repository.issues()}
    study.store.refresh(study.archive)
    found = {issue.number: issue for issue in study.store.issues()}
    told = {
        number: [issue.by_bot, *(comment.by_bot for comment in issue.comments)]
        for number, issue in found.items()
    }
    there = {
        number: [
            account is not None and account.kind == "Bot"
            for account in (thread.author, *(remark.author for remark in thread.remarks))
        ]
        for number, thread in threads.items()
    }
    assert told == there
    assert any(map(any, told.values()))


@pytest.mark.parametrize("kind", ["rest-export", "gh-export", "perceval-export"])
def test_bots_of_an_export_are_bots_in_the_store(tmp_path: Path, kind: str) -> None:
    study = study_of(tmp_path, f'kind = "{kind}"\nfiles = ["*.jsonl"]')
    comments = [rest_comment(1), rest_comment(2, user=REST_BOT)]
    value: dict[str, Any] = rest_issue(1, comments=comments)
    if kind == "perceval-export":
        data = rest_issue(1, comments=2, comments_data=comments)
        value = {"category": "issue", "data": data}
    if kind == "gh-export":
        value = {
            "number": 1,
            "url": "https://github.com/o/r/issues/1",
            "title": "t",
            "author": {"login": "ada", "is_bot": False},
            "comments": [
                {"author": {"login": "bob"}, "body": "comment 1"},
                {"author": {"login": "app/stale", "is_bot": True}, "body": "comment 2"},
            ],
        }
    (study.path / "a.jsonl").write_bytes(lines([value]))
    collect(study)
    study.store.refresh(study.archive)
    (issue,) = study.store.issues()
    assert not issue.by_bot
    assert {one.body: one.by_bot for one in issue.comments} == {
        "comment 1": False,
        "comment 2": True,
    }
    assert len(issue.participants) == 2


def test_store_of_an_earlier_version_is_made_again_from_its_archive(tmp_path: Path) -> None:
    study = study_of(tmp_path, 'kind = "rest-export"\nfiles = ["*.jsonl"]')
    (study.path / "a.jsonl").write_bytes(lines([rest_issue(1, user=REST_BOT)]))
    collect(study)
    study.store.refresh(study.archive)
    manifest = study.store.folder / "manifest.json"
    known = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps(known | {"format": 2}), encoding="utf-8")
    assert study.store.refresh(study.archive) == 1
    (issue,) = study.store.issues()
    assert issue.by_bot


def test_page_names_a_bot_and_its_reporter_stays_a_person() -> None:
    issue = Issue(
        origin="github",
        repository="o/r",
        number=1,
        url="https://github.com/o/r/issues/1",
        title="t",
        author="user-aaaaaaaaaaaa",
        comments=(
            Comment(body="stale", author="user-bbbbbbbbbbbb", by_bot=True, association="MEMBER"),
            Comment(body="no", author="user-aaaaaaaaaaaa"),
            Comment(body="x", author=None),
        ),
    )
    shown = [part["who"] for part in parts(issue, quotes=Quotes())]
    assert shown == [
        "the reporter",
        "bot user-bbbbb",
        "the reporter",
        "somebody whose account is gone",
    ]
    assert issue.participants == {"user-aaaaaaaaaaaa"}
