"""One suite over all sources: each says what it reads, keeps to its protocol, and leaks nothing."""

import gzip
import importlib
import inspect
import json
import pkgutil
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import firstmile.study.sources as package
from firstmile.errors import UserError
from firstmile.redaction import RULES, redact
from firstmile.study.issues import Issue, Record
from firstmile.study.privacy import Pseudonyms, protect
from firstmile.study.sources import Collecting, Source, find_source, find_sources

SOURCES = find_sources()
FROM_FILES = [name for name in SOURCES if "files" in SOURCES[name].KEYS]
KEY = Pseudonyms(b"a key of these tests")

each = pytest.mark.parametrize("name", SOURCES)
each_of_files = pytest.mark.parametrize("name", FROM_FILES)

SECRETS = [
    sample.before
    for rule in RULES
    for sample in rule.turns[:1]
    if rule.kind.endswith(("token", "key", "email", "password"))
]
LEAK = "\n".join(SECRETS)


def issue_of_rest() -> dict[str, Any]:
    person = {"login": "ada-lovelace", "id": 7, "email": "ada@example.org", "type": "User"}
    return {
        "html_url": "https://github.com/o/r/issues/1",
        "url": "https://api.github.com/repos/o/r/issues/1",
        "number": 1,
        "title": "It breaks",
        "state": "closed",
        "user": person,
        "created_at": "2024-03-04T05:06:07Z",
        "updated_at": "2024-03-04T05:06:07Z",
        "comments": 2,
        "labels": [{"name": "bug"}],
        "body": f"thanks @ada-lovelace\n{LEAK}",
    }


def comment_of_rest() -> dict[str, Any]:
    return {**issue_of_rest(), "id": 5, "body": f"@ada-lovelace:\n{LEAK}"}


def samples(name: str) -> bytes:
    """Return a file of a source with one issue and one comment, full of what must not stay."""
    issue, comment = issue_of_rest(), comment_of_rest()
    shaped: Mapping[str, Any] = {
        "rest-export": {**issue, "comments_data": [comment]},
        "perceval-export": {
            "backend_name": "GitHub",
            "category": "issue",
            "data": {**issue, "user_data": issue["user"], "comments_data": [comment]},
        },
        "gh-export": {
            "url": issue["html_url"],
            "number": 1,
            "title": issue["title"],
            "body": issue["body"],
            "author": {"login": "ada-lovelace", "name": "Ada Lovelace"},
            "createdAt": issue["created_at"],
            "commentsCount": 2,
            "comments": [{"author": {"login": "ada-lovelace"}, "body": comment["body"]}],
        },
        "gh-archive": {
            "id": "1",
            "type": "IssueCommentEvent",
            "actor": {"login": "ada-lovelace"},
            "repo": {"id": 1, "name": "o/r"},
            "payload": {"action": "created", "issue": issue, "comment": comment},
            "created_at": "2024-03-04T05:06:07Z",
        },
    }[name]
    return json.dumps(shaped, separators=(",", ":")).encode() + b"\n"


def collected(name: str, folder: Path) -> tuple[Source, list[Record]]:
    """Collect a source's sample; return the source and what would be archived."""
    (folder / "2024-03-04-5.json.gz").write_bytes(gzip.compress(samples(name)))
    source = find_source(name)
    options = {"files": ["*.gz"], "repositories": ["o/r"]}
    collecting = Collecting(folder=folder, options=options)
    return source, [
        Record(
            repository=record.repository,
            number=record.number,
            payload=protect(record.payload, KEY).payload,
        )
        for target in source.targets(collecting)
        for page in source.pages(target, None, collecting)
        for record in page.records
    ]


def test_every_module_of_the_folder_is_a_source_or_marked_as_none() -> None:
    names = [m.name for m in pkgutil.iter_modules(package.__path__)]
    public = {n.replace("_", "-") for n in names if not n.startswith("_")} - {"finding"}
    assert public == set(SOURCES)


@each
def test_a_source_says_in_its_first_line_what_it_reads(name: str) -> None:
    module = importlib.import_module(f"{package.__name__}.{name.replace('-', '_')}")
    first = (inspect.getdoc(module) or "").splitlines()[0]
    assert first.endswith(".")
    assert len(first) < 110


@each
def test_a_source_keeps_to_the_protocol(name: str) -> None:
    source = SOURCES[name]
    assert source.KEYS
    assert all(isinstance(needed, bool) for needed in source.KEYS.values())
    for function, arguments in (
        ("targets", ["collecting"]),
        ("pages", ["target", "state", "collecting"]),
        ("issue", ["record", "fetched_at"]),
    ):
        offered = getattr(source, function)
        assert list(inspect.signature(offered).parameters) == arguments
        assert inspect.getdoc(offered)


@each
def test_every_key_is_explained(name: str) -> None:
    source = SOURCES[name]
    explained = set(re.findall(r"`(\w+)`", source.__doc__ or ""))
    assert set(source.KEYS) <= explained


@each
def test_a_table_without_anything_is_one_sentence(name: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^[^\n]+[.]$"):
        SOURCES[name].targets(Collecting(folder=tmp_path))


@each_of_files
def test_no_secret_and_no_name_is_left_after_protection(name: str, tmp_path: Path) -> None:
    _, records = collected(name, tmp_path)
    assert len(records) == 1
    stored = json.dumps(dict(records[0].payload), ensure_ascii=False)
    assert "lovelace" not in stored.lower()
    assert "example.org" not in stored
    assert not redact(stored).counts
    for secret in SECRETS:
        assert secret not in stored


@each_of_files
def test_the_issue_of_a_protected_record_is_whole(name: str, tmp_path: Path) -> None:
    source, (record,) = collected(name, tmp_path)
    issue = source.issue(record, "2025-01-01T00:00:00Z")
    assert isinstance(issue, Issue)
    assert issue.origin == name
    assert (issue.repository, issue.number) == ("o/r", 1)
    assert issue.url == "https://github.com/o/r/issues/1"
    assert issue.author == KEY.of("ada-lovelace")
    assert f"@{KEY.of('ada-lovelace')}" in issue.body
    assert [comment.author for comment in issue.comments] == [KEY.of("ada-lovelace")]
    assert issue.missing_comments == 1


@each_of_files
def test_the_issue_is_read_from_the_record_alone(name: str, tmp_path: Path) -> None:
    source, (record,) = collected(name, tmp_path)
    for path in tmp_path.iterdir():
        path.unlink()
    before = json.dumps(dict(record.payload), sort_keys=True)
    assert source.issue(record, "x") == source.issue(record, "x")
    assert json.dumps(dict(record.payload), sort_keys=True) == before


@each_of_files
def test_what_was_protected_is_protected_once_and_for_all(name: str, tmp_path: Path) -> None:
    _, (record,) = collected(name, tmp_path)
    again = protect(record.payload, KEY)
    assert again.payload == record.payload
    assert not again.counts


@each_of_files
def test_a_state_survives_being_written_as_json(name: str, tmp_path: Path) -> None:
    source, _ = collected(name, tmp_path)
    options = {"files": ["*.gz"], "repositories": ["o/r"]}
    collecting = Collecting(folder=tmp_path, options=options)
    (target,) = source.targets(collecting)
    *_, last = source.pages(target, None, collecting)
    state = json.loads(json.dumps(last.state))
    assert last.done
    assert list(source.pages(target, state, collecting)) == []
