"""Whatever GitHub answers, a run brings everything, or says in one sentence why it cannot."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from firstmile.errors import UserError
from sources.github_runs import (
    QUICK,
    REPOSITORY,
    Clock,
    complete,
    numbers,
    refusal,
    run,
    sentence,
    steps,
)
from sources.github_server import Faults, GitHubServer, invent, serve
from sources.github_server.faults import KINDS, USUAL


@pytest.fixture
def server() -> Iterator[GitHubServer]:
    """Run a server with few issues and no faults yet."""
    with serve(invent(40, long=0.04), Faults(retry_seconds=0, slow_seconds=1.0)) as running:
        yield running


@pytest.mark.parametrize("kind", [kind for kind in USUAL if kind != "new-etag"])
@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_a_passing_fault_at_any_request_costs_nothing(
    server: GitHubServer, kind: str, place: int
) -> None:
    server.faults.script.extend([*[""] * place, kind])
    assert complete(server, run(server))
    assert server.faults.happened == [kind]


@pytest.mark.long
@pytest.mark.parametrize("kind", ["secondary-in-200", "resources", "primary", "unasked-304"])
def test_a_rarer_fault_costs_nothing_either(server: GitHubServer, kind: str) -> None:
    server.faults.script.extend(["" if kind != "unasked-304" else kind, kind])
    if kind == "secondary-in-200":
        clock = Clock()
        patient = dataclasses.replace(QUICK, sleep=clock.sleep, now=clock.now)
        assert complete(server, run(server, patience=patient))
        assert sum(clock.slept) >= 60
        return
    assert complete(server, run(server))


def test_many_faults_at_random_cost_nothing() -> None:
    for seed in range(3):
        faults = Faults(rate=0.3, seed=seed, retry_seconds=0)
        with serve(invent(90, seed=seed, long=0.02), faults) as server:
            first = run(server)
            assert complete(server, first)
            server.world.edit(REPOSITORY, first.numbers[3], body="new")
            second = run(server, first.state, full=True)
            assert set(second.numbers) == {first.numbers[3]}
            assert second.deleted == []


def test_a_server_that_is_too_slow_is_asked_for_less(server: GitHubServer) -> None:
    server.faults.script.extend(["", "slow", "slow"])
    patience = dataclasses.replace(QUICK, attempts=10, read_seconds=0.5)
    assert complete(server, run(server, patience=patience))
    sizes = [asked.body["variables"]["first"] for asked in server.asked if asked.body]
    assert sizes[:3] == [100, 50, 12]


def test_an_answer_that_trickles_in_is_bounded(server: GitHubServer) -> None:
    server.faults.script.extend(["", "slow"])
    patience = dataclasses.replace(QUICK, attempts=10, request_seconds=0.5)
    assert complete(server, run(server, patience=patience))


def test_pages_shrink_until_github_can_bear_them_and_grow_again(server: GitHubServer) -> None:
    server.faults.largest_page = 10
    assert complete(server, run(server))
    asked = [
        a.body["variables"]["first"]
        for a in server.asked
        if a.body and "order" in a.body["variables"]
    ]
    assert asked[:3] == [100, 50, 12]
    assert max(asked[3:]) > min(asked[3:])
    assert server.requests < 80


def test_an_issue_that_github_cannot_read_is_left_out_and_said(server: GitHubServer) -> None:
    server.faults.script.extend(["", *["partial"] * 10])
    patience = dataclasses.replace(QUICK, attempts=10)
    found = run(server, patience=patience)
    first = numbers(server)[0]
    assert sorted([*found.numbers, first]) == numbers(server)
    assert found.warnings == [
        "GitHub cannot read an issue of octo/engine, which is left out; a full pass tries again."
    ]
    again = run(server, found.state, full=True)
    assert again.numbers == [first]
    assert again.issues[first].missing_comments == 0
    assert run(server, again.state, full=True).numbers == []


@pytest.mark.parametrize("kind", ["502", "reset", "cut", "garbled", "wrong", "unasked-304"])
def test_a_fault_that_does_not_pass_ends_in_a_sentence(server: GitHubServer, kind: str) -> None:
    server.faults.script.extend([kind] * 40)
    said = refusal(server, patience=QUICK)
    assert "octo/engine, 4 times in a row" in said
    assert "goes on where it stopped" in said


def test_an_odd_answer_is_survived_or_refused_in_a_sentence() -> None:
    faults, patience = Faults(rate=0.7, kinds=("odd",)), dataclasses.replace(QUICK, attempts=1)
    outcomes = {"whole": 0, "refused": 0}
    with serve(invent(4, long=0.0), faults) as server:
        for _ in range(30):
            state = None
            for full in (False, True):
                try:
                    state = run(server, state, patience=patience, full=full).state
                    outcomes["whole"] += 1
                except UserError as error:
                    sentence(error)
                    outcomes["refused"] += 1
                    break
    assert min(outcomes.values()) > 2, outcomes


def test_what_came_before_the_end_stays_good(server: GitHubServer) -> None:
    pages = steps(server, None)
    first = next(pages)
    server.faults.script.extend(["502"] * 60)
    with pytest.raises(UserError):
        list(pages)
    server.faults.script.clear()
    rest = run(server, first.state)
    assert sorted([*(r.number for r in first.records), *rest.numbers]) == numbers(server)


def test_another_tag_for_the_same_content_brings_nothing_twice(server: GitHubServer) -> None:
    first = run(server)
    server.faults.script.append("new-etag")
    second = run(server, first.state)
    assert (second.numbers, second.pages[-1].done) == ([], True)
    assert run(server, second.state).numbers == []


def test_an_old_tag_hides_a_change_only_until_a_full_pass(server: GitHubServer) -> None:
    first = run(server)
    number = numbers(server)[0]
    server.world.edit(REPOSITORY, number, body="hidden")
    server.faults.script.append("stale")
    second = run(server, first.state)
    assert second.numbers == []
    assert run(server, second.state, full=True).numbers == [number]


def test_a_lost_place_is_found_again(server: GitHubServer) -> None:
    pages = steps(server, None)
    first = next(pages)
    state = {**first.state, "cursor": "gone"}
    rest = run(server, state)
    assert sorted([*(r.number for r in first.records), *rest.numbers]) == numbers(server)


def test_every_fault_is_tested_somewhere() -> None:

    text = "".join(
        path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_github_*.py")
    )
    assert [k for k in KINDS if f'"{k}"' not in text and k not in USUAL] == []
