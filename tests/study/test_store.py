"""The store: one address an issue whatever its repository is called, its latest state, and what
is gone upstream."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from firstmile.errors import UserError
from firstmile.study.collecting import collect
from firstmile.study.folder import StudyFolder, make_study
from firstmile.study.issues import Issue, Page, Record
from firstmile.study.sources import github as github_source
from sources.export_files import lines, rest_issue
from sources.github_server import GitHubServer, invent, serve

REPOSITORY = "octo/engine"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubServer]:
    with serve(invent(12, long=0.1)) as running:
        monkeypatch.setenv("FIRSTMILE_GITHUB_API", running.url)
        yield running


def study_of(folder: Path, *sources: str) -> StudyFolder:
    tables = "".join(f"[[sources]]\n{source}\n" for source in sources)
    return make_study(folder / "study", f'[study]\nname = "s"\n{tables}')


def github(*names: str) -> str:
    return f'kind = "github"\nrepositories = {json.dumps(names)}'


def collected(study: StudyFolder, **options: Any) -> dict[str, Issue]:
    """Collect, store, and return the issues by their addresses."""
    collect(study, credentials=["ghp_one"], **options)
    return stored(study)


def stored(study: StudyFolder) -> dict[str, Issue]:
    study.store.refresh(study.archive)
    issues = list(study.store.issues())
    by_address = {issue.url: issue for issue in issues}
    assert len(by_address) == len(issues) == len(study.store)
    for url, issue in by_address.items():
        assert study.store.issue(url) == issue
    return by_address


def test_an_issue_keeps_its_address_when_its_repository_is_renamed(
    tmp_path: Path, server: GitHubServer
) -> None:
    study = study_of(tmp_path, github(REPOSITORY))
    first, world = collected(study), server.world
    url = min(first)
    number = first[url].number
    for before, name in ((REPOSITORY, "octo/aaa"), ("octo/aaa", "octo/zzz")):
        world.rename(before, name)
        world.comment(name, number, body=f"Now at {name}")
        now = collected(study)
        assert set(now) == set(first)
        assert now[url].comments[-1].body == f"Now at {name}"
        assert study.store.repositories() == {REPOSITORY: len(first)}
    world.delete("octo/zzz", number)
    now = collected(study, full=True)
    assert [issue.url for issue in now.values() if issue.deleted] == [url]


def test_a_new_issue_of_a_renamed_repository_has_an_address_like_the_others(
    tmp_path: Path, server: GitHubServer
) -> None:
    study = study_of(tmp_path, github(REPOSITORY))
    first = collected(study)
    server.world.rename(REPOSITORY, "octo/aaa")
    original = f"https://github.com/octo/aaa/issues/{min(one.number for one in first.values())}"
    number = server.world.add("octo/aaa", title="again")
    server.world.close("octo/aaa", number, duplicate_of=original)
    (new,) = [issue for url, issue in collected(study).items() if url not in first]
    assert new.url == f"https://github.com/{REPOSITORY}/issues/{number}"
    assert new.duplicate_of == original.replace("octo/aaa", REPOSITORY)
    assert new.duplicate_of in first


@pytest.mark.parametrize("spelled", [REPOSITORY, "Octo/ENGINE"])
def test_a_deletion_is_stored_however_the_study_spells_the_repository(
    tmp_path: Path, server: GitHubServer, spelled: str
) -> None:
    study = study_of(tmp_path, github(spelled))
    first = collected(study)
    assert not [issue for issue in first.values() if issue.deleted]
    gone = max(first)
    server.world.delete(REPOSITORY, first[gone].number)
    now = collected(study, full=True)
    assert [issue.url for issue in now.values() if issue.deleted] == [gone]


def append(
    study: StudyFolder, at: str, source: str = "github", *, target: str = "o/r", **page: Any
) -> None:
    records = tuple(
        Record(repository="o/r", number=payload["number"], payload=payload)
        for payload in page.pop("payloads", ())
    )
    taken = Page(target=target, records=records, state={}, done=True, **page)
    study.archive.append(source, taken, records, fetched_at=at, redaction="1", redacted={})


def node(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {"number": number, "title": "t", "updatedAt": "2024-01-01T00:00:00Z", **changes}


def test_an_issue_that_came_back_is_not_deleted(tmp_path: Path) -> None:
    study = study_of(tmp_path)
    append(study, "2025-01-01T00:00:00Z", payloads=[node(1), node(2)])
    append(study, "2025-01-02T00:00:00Z", deleted=(1, 2))
    assert [issue.deleted for issue in stored(study).values()] == [True, True]
    append(study, "2025-01-03T00:00:00Z", payloads=[node(1)])
    assert [issue.deleted for issue in stored(study).values()] == [False, True]


def test_an_old_export_brings_no_deleted_issue_back(tmp_path: Path) -> None:
    study = study_of(tmp_path)
    append(study, "2025-01-01T00:00:00Z", payloads=[node(1)])
    append(study, "2025-01-02T00:00:00Z", deleted=(1,))
    append(study, "2025-01-03T00:00:00Z", "rest-export", target="x", payloads=[rest_issue(1)])
    assert [issue.deleted for issue in stored(study).values()] == [True]


def test_the_state_that_changed_last_counts_in_whatever_order_exports_are_named(
    tmp_path: Path,
) -> None:
    study = study_of(tmp_path, 'kind = "rest-export"\nfiles = ["*.jsonl"]')
    old = rest_issue(1, body="old", updated_at="2024-03-05T00:00:00Z")
    new = rest_issue(1, body="new", updated_at="2024-04-05T00:00:00Z")
    (study.path / "a.jsonl").write_bytes(lines([new]))
    (study.path / "b.jsonl").write_bytes(lines([old]))
    assert [issue.body for issue in collected(study).values()] == ["new"]
    (study.path / "c.jsonl").write_bytes(lines([{**new, "body": "newer"}]))
    assert [issue.body for issue in collected(study).values()] == ["newer"]


def test_of_two_states_of_one_second_that_taken_last_counts_though_the_clock_went_back(
    tmp_path: Path,
) -> None:
    study = study_of(tmp_path)
    append(study, "2025-01-02T00:00:00Z", payloads=[node(1, body="one")])
    append(study, "2025-01-01T00:00:00Z", payloads=[node(1, body="two")])
    assert [issue.body for issue in stored(study).values()] == ["two"]


def test_sources_that_spell_a_repository_differently_speak_of_one(tmp_path: Path) -> None:
    study = study_of(tmp_path, 'kind = "rest-export"\nfiles = ["*.jsonl"]')

    def url(name: str) -> str:
        return f"https://github.com/{name}/issues/1"

    (study.path / "a.jsonl").write_bytes(lines([rest_issue(1, html_url=url("o/r"))]))
    first = collected(study)
    (study.path / "B.jsonl").write_bytes(lines([rest_issue(1, html_url=url("O/R"))]))
    later = datetime.now(UTC) + timedelta(days=1)
    assert set(collected(study, now=lambda: later)) == set(first) == {url("o/r")}


def test_a_file_that_is_missing_while_storing_is_named_rather_than_the_stores_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = study_of(tmp_path)
    append(study, "2025-01-01T00:00:00Z", payloads=[node()])
    missing = tmp_path / "github.py"
    monkeypatch.setattr(github_source, "issue", lambda *_: missing.read_text())
    with pytest.raises(UserError, match=r"github\.py, which storing issues needs, cannot be read"):
        study.store.refresh(study.archive)


def test_a_folder_in_the_place_of_a_file_of_the_store_is_named(tmp_path: Path) -> None:
    study = study_of(tmp_path)
    append(study, "2025-01-01T00:00:00Z", payloads=[node()])
    (study.path / "store" / "o+r.parquet" / "kept").mkdir(parents=True)
    with pytest.raises(UserError, match=r"o\+r\.parquet is a folder where a plain file must be"):
        study.store.refresh(study.archive)


def test_a_store_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    import resource

    study = study_of(tmp_path)
    append(study, "2025-01-01T00:00:00Z", payloads=[node()])
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        with pytest.raises(UserError, match=r"store's file o\+r\.parquet could not be written"):
            study.store.refresh(study.archive)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path.name for path in (study.path / "store").iterdir()] == []


def test_a_store_of_before_authors_could_be_unknown_is_made_again(tmp_path: Path) -> None:
    study = study_of(tmp_path, 'kind = "rest-export"\nfiles = ["a.jsonl"]')
    silent = {key: value for key, value in rest_issue(1).items() if key != "user"}
    (study.path / "a.jsonl").write_bytes(lines([silent]))
    (found,) = collected(study).values()
    assert found.author == ""
    manifest = study.store.folder / "manifest.json"
    said = json.loads(manifest.read_bytes())
    # Up to format 3 an account that nothing told of read like one that is gone.
    manifest.write_text(json.dumps({**said, "format": 3}))
    assert len(study.store) == 0
    assert study.store.refresh(study.archive) == 1
    assert [issue.author for issue in study.store.issues()] == [""]
