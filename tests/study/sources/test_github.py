"""Issues come from GitHub whole, once, again when they change, and no oftener."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from firstmile.study.issues import Record
from sources.github_runs import (
    REPOSITORY,
    SOURCE,
    refusal,
    run,
    steps,
    threads,
)
from sources.github_server import GitHubServer, invent, serve
from sources.github_server.world import iso


@pytest.fixture
def server() -> Iterator[GitHubServer]:
    """Run a server with one repository of some issues."""
    with serve(invent(130, long=0.02)) as running:
        yield running


@pytest.fixture
def small() -> Iterator[GitHubServer]:
    """Run a server with few issues."""
    with serve(invent(12, long=0.1)) as running:
        yield running


def test_every_issue_comes_once_with_all_its_comments(server: GitHubServer) -> None:
    found, there = run(server), threads(server)
    assert sorted(found.numbers) == sorted(there)
    assert max(len(thread.remarks) for thread in there.values()) > 100
    for number, issue in found.issues.items():
        assert [c.body for c in issue.comments] == [r.body for r in there[number].remarks]
        assert issue.missing_comments == 0


def test_an_issue_says_what_github_says_of_it(server: GitHubServer) -> None:
    number, thread = next(
        (number, thread)
        for number, thread in threads(server).items()
        if thread.author and thread.labels and thread.reason == "NOT_PLANNED"
    )
    issue = run(server).issues[number]
    assert issue.origin == "github"
    assert issue.repository == REPOSITORY
    assert issue.url == f"https://github.com/{REPOSITORY}/issues/{number}"
    assert (issue.title, issue.body) == (thread.title, thread.body)
    assert (issue.state, issue.state_reason) == ("closed", "not_planned")
    assert issue.labels == tuple(thread.labels)
    assert issue.author == thread.author.login
    assert issue.association == thread.association
    assert issue.created_at == iso(thread.created)
    assert issue.updated_at == iso(thread.updated)
    assert issue.closed_at == iso(thread.closed)
    assert issue.locked == thread.locked
    assert issue.fetched_at == "2026-01-01T00:00:00Z"


def test_an_account_that_is_gone_is_nobody(server: GitHubServer) -> None:
    gone = [number for number, thread in threads(server).items() if thread.author is None]
    issues = run(server).issues
    assert gone
    assert all(issues[number].author is None for number in gone)


def test_pull_requests_stay_out(server: GitHubServer) -> None:
    repository = server.world.find(REPOSITORY)
    assert repository is not None
    pulls = {number for number, thread in repository.threads.items() if thread.is_pull}
    assert pulls
    assert pulls.isdisjoint(run(server).numbers)


def test_few_requests_are_made_for_many_issues(server: GitHubServer) -> None:
    pages = run(server).pages
    long = sum(len(thread.remarks) > 100 for thread in threads(server).values())
    assert server.requests <= 5 + long
    assert sum(page.requests for page in pages) == server.requests
    assert sum(page.bytes for page in pages) == server.bytes_sent
    assert pages[0].expected == 130


def test_a_second_run_with_nothing_new_is_one_conditional_request(server: GitHubServer) -> None:
    first = run(server)
    server.forget()
    second = run(server, first.state)
    assert second.numbers == []
    assert second.pages[-1].done
    assert [asked.method for asked in server.asked] == ["GET"]
    assert "if-none-match" in server.asked[0].headers
    assert second.state == first.state


def test_what_changed_comes_again_and_nothing_else(server: GitHubServer) -> None:
    first, world = run(server), server.world
    edited, commented, closed, held = list(threads(server))[:4]
    world.edit(REPOSITORY, edited, body="now it says this")
    world.comment(REPOSITORY, commented, body="one more")
    world.close(REPOSITORY, closed)
    world.hold(REPOSITORY, held)
    new = world.add(REPOSITORY, title="new", comments=2)
    world.add(REPOSITORY, pull=True)
    server.forget()
    second = run(server, first.state)
    assert sorted(second.numbers) == sorted([edited, commented, closed, held, new])
    assert server.requests <= 4
    assert second.issues[edited].body == "now it says this"
    assert second.issues[commented].comments[-1].body == "one more"
    assert second.issues[closed].state == "closed"
    assert second.issues[held].locked
    assert run(server, second.state).numbers == []


def test_two_edits_in_one_second_are_both_seen(small: GitHubServer) -> None:
    first, number = run(small), min(threads(small))
    small.world.edit(REPOSITORY, number, body="one")
    second = run(small, first.state)
    small.world.edit(REPOSITORY, number, body="two", seconds=0)
    third = run(small, second.state)
    assert second.issues[number].body == "one"
    assert third.issues[number].body == "two"


def test_an_edit_during_the_first_walk_is_not_lost(server: GitHubServer) -> None:
    early, late = min(threads(server)), max(threads(server))
    pages = steps(server, None)
    taken = [next(pages)]
    server.world.edit(REPOSITORY, early, body="edited while walking")
    server.world.edit(REPOSITORY, late, body="edited before it was read")
    taken += list(pages)
    bodies = {r.number: r.payload["body"] for page in taken for r in page.records}
    assert bodies[early] == "edited while walking"
    assert bodies[late] == "edited before it was read"
    numbers = [record.number for page in taken for record in page.records]
    assert numbers.count(late) == 1


def test_a_plain_run_does_not_notice_a_deletion_and_a_full_one_does(small: GitHubServer) -> None:
    first = run(small)
    gone = sorted(threads(small))[2]
    small.world.delete(REPOSITORY, gone)
    second = run(small, first.state)
    assert second.deleted == []
    third = run(small, second.state, full=True)
    assert (third.deleted, third.numbers) == ([gone], [])
    assert run(small, third.state, full=True).deleted == []


def test_a_deletion_of_the_newest_brings_nothing_twice(small: GitHubServer) -> None:
    first = run(small)
    for seconds in (3_600, 280, 30):
        small.world.add(REPOSITORY, seconds=seconds)
    second = run(small, first.state)
    small.world.delete(REPOSITORY, max(second.numbers))
    third = run(small, second.state)
    small.world.add(REPOSITORY, pull=True, seconds=0)
    assert (len(second.numbers), third.numbers) == (3, [])
    assert run(small, third.state).numbers == []


def test_of_many_deletions_only_some_are_asked_for(server: GitHubServer) -> None:
    first, gone = run(server), sorted(threads(server))[:115]
    for number in gone:
        server.world.delete(REPOSITORY, number)
    server.forget()
    assert run(server, first.state, full=True).deleted == gone
    assert 100 <= server.requests < 110


def test_an_issue_that_was_moved_is_gone_here_and_named_there(small: GitHubServer) -> None:
    first, number = run(small), sorted(threads(small))[1]
    small.world.add_repository("octo/other")
    new = small.world.transfer(REPOSITORY, number, "octo/other")
    second = run(small, first.state, full=True)
    assert second.deleted == [number]
    assert second.warnings == [f"Issue {number} of octo/engine was moved to octo/other#{new}."]
    moved = run(small, repository="octo/other").pages[0].records[0].payload
    event = moved["timelineItems"]["nodes"][-1]
    assert event["__typename"] == "TransferredEvent"
    assert event["fromRepository"] == {"nameWithOwner": REPOSITORY}


def test_a_duplicate_says_of_what(small: GitHubServer) -> None:
    first, second = sorted(threads(small))[:2]
    original = f"https://github.com/{REPOSITORY}/issues/{first}"
    small.world.close(REPOSITORY, second, duplicate_of=original)
    issue = run(small).issues[second]
    assert (issue.state_reason, issue.duplicate_of) == ("duplicate", original)


def test_a_mark_that_was_taken_back_is_no_duplicate() -> None:
    mark = {"__typename": "MarkedAsDuplicateEvent", "canonical": {"url": "https://x/1"}}
    unmark = mark | {"__typename": "UnmarkedAsDuplicateEvent"}
    for events, expected in (
        ([mark], "https://x/1"),
        ([mark, unmark], None),
        ([unmark, mark], "https://x/1"),
    ):
        payload = {"number": 2, "timelineItems": {"nodes": events}}
        issue = SOURCE.issue(Record(repository="a/b", number=2, payload=payload), "now")
        assert issue is not None
        assert issue.duplicate_of == expected


def test_a_moved_repository_is_collected_under_its_new_name(small: GitHubServer) -> None:
    before = run(small)
    small.world.rename(REPOSITORY, "octo/motor")
    small.world.comment("octo/motor", min(before.numbers))
    second = run(small, before.state)
    assert second.warnings == [
        "octo/engine is called octo/motor today; its issues keep the addresses that they came with."
    ]
    assert {r.repository for page in second.pages for r in page.records} == {"octo/motor"}
    small.forget()
    assert run(small, second.state).warnings == []
    assert small.requests == 1


def test_a_repository_named_by_its_old_name_is_found(small: GitHubServer) -> None:
    small.world.rename(REPOSITORY, "octo/motor")
    found = run(small)
    assert len(found.numbers) == 12
    assert len(found.warnings) == 1


def test_another_spelling_of_a_name_is_no_other_name(small: GitHubServer) -> None:
    assert run(small, repository="Octo/Engine").warnings == []


def test_only_issues_opened_on_the_days_of_the_study_come(server: GitHubServer) -> None:
    days = sorted((iso(thread.created) or "")[:10] for thread in threads(server).values())
    since, until = date.fromisoformat(days[30]), date.fromisoformat(days[90])
    found = run(server, since=since, until=until)
    expected = [d for d in days if since.isoformat() <= d <= until.isoformat()]
    assert sorted((issue.created_at or "")[:10] for issue in found.issues.values()) == expected
    server.world.edit(REPOSITORY, max(threads(server)), body="outside")
    assert run(server, found.state, since=since, until=until).numbers == []


def test_a_walk_ends_with_the_last_day_of_the_study(server: GitHubServer) -> None:
    days = sorted((iso(thread.created) or "")[:10] for thread in threads(server).values())
    run(server, until=date.fromisoformat(days[20]))
    orders = [a.body["variables"].get("order") for a in server.asked if a.body]
    assert orders.count("CREATED_AT") == 1


@pytest.mark.parametrize("bounds", [{}, {"since": date(2021, 1, 1)}, {"until": date(2030, 1, 1)}])
def test_days_that_are_added_bring_what_was_left_out(
    server: GitHubServer, bounds: dict[str, Any]
) -> None:
    since, until = date(2022, 6, 1), date(2023, 6, 1)
    narrow = run(server, since=since, until=until)
    known = narrow.numbers[0]
    server.world.edit(REPOSITORY, known, body="edited meanwhile")
    server.world.add(REPOSITORY, pull=True, seconds=3_600)
    wide = run(server, narrow.state, **bounds)
    assert sorted([*narrow.numbers, *wide.numbers]) == sorted([*threads(server), known])
    assert wide.issues[known].body == "edited meanwhile"
    server.forget()
    assert run(server, wide.state, **bounds).numbers == []
    assert server.requests == 1


def test_an_empty_repository_is_done_at_once(small: GitHubServer) -> None:
    small.world.add_repository("octo/empty")
    first = run(small, repository="octo/empty")
    assert (first.numbers, first.pages[-1].done) == ([], True)
    small.forget()
    assert run(small, first.state, repository="octo/empty").numbers == []
    assert small.requests == 1
    number = small.world.add("octo/empty")
    assert run(small, first.state, repository="octo/empty").numbers == [number]


def test_issues_that_are_switched_off_are_said(small: GitHubServer) -> None:
    small.world.add_repository("octo/quiet", has_issues=False)
    found = run(small, repository="octo/quiet")
    assert found.warnings == ["octo/quiet has its issues switched off."]
    assert found.pages[-1].done


def test_an_issue_of_five_megabytes_survives() -> None:
    with serve(invent(3, large_body=5_000_000)) as server:
        assert max(len(issue.body) for issue in run(server).issues.values()) == 5_000_000


def test_payloads_keep_accounts_where_they_are_made_pseudonyms(small: GitHubServer) -> None:
    def logins(value: Any, path: str = "") -> Iterator[str]:
        if isinstance(value, dict):
            if "login" in value:
                yield path
            for key, part in value.items():
                yield from logins(part, key)
        elif isinstance(value, list):
            for part in value:
                yield from logins(part, path)

    for page in run(small).pages:
        for record in page.records:
            assert set(logins(record.payload)) <= {"author"}


def test_a_stored_state_that_is_none_of_ours_is_refused(small: GitHubServer) -> None:
    for state in (
        {},
        {"version": 99, "phase": "idle"},
        {"version": 1, "phase": "idle", "known": "!"},
    ):
        assert "another version" in refusal(small, state=state)
