"""A run that is stopped at any moment goes on without loss or double."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from sources.github_runs import REPOSITORY, run, steps, threads
from sources.github_server import GitHubServer, invent, serve


@pytest.fixture
def small() -> Iterator[GitHubServer]:
    """Run a server with few issues."""
    with serve(invent(12, long=0.1)) as running:
        yield running


def test_a_stop_after_any_page_loses_and_doubles_nothing() -> None:
    with serve(invent(230, seed=5, long=0.0)) as server:
        whole = run(server)
        for stop in range(1, len(whole.pages)):
            pages = steps(server, None)
            taken = [next(pages) for _ in range(stop)]
            pages.close()  # type: ignore[attr-defined]
            rest = run(server, msgspec.json.decode(msgspec.json.encode(taken[-1].state)))
            numbers = [r.number for page in taken for r in page.records] + rest.numbers
            assert sorted(numbers) == sorted(threads(server)), f"stopped after page {stop}"
            assert rest.state == whole.state


def test_stops_and_changes_at_every_page_lose_nothing() -> None:
    with serve(invent(210, seed=8, long=0.0)) as server:
        state, held, world = None, dict[int, Any](), server.world
        for turn in range(8):
            pages = steps(server, state, full=turn > 5)
            page = next(pages)
            pages.close()  # type: ignore[attr-defined]
            state = msgspec.json.decode(msgspec.json.encode(page.state))
            for record in page.records:
                held[record.number] = record.payload
            for number in page.deleted:
                del held[number]
            if turn < 5:
                numbers = sorted(threads(server))
                world.edit(REPOSITORY, numbers[turn * 7], body=f"edit {turn}")
                world.comment(REPOSITORY, numbers[-1 - turn * 5])
                world.add(REPOSITORY)
                world.delete(REPOSITORY, numbers[100 + turn])
        last = run(server, run(server, state).state, full=True)
        for page in last.pages:
            held |= {record.number: record.payload for record in page.records}
            for number in page.deleted:
                held.pop(number, None)
        there = threads(server)
        assert sorted(held) == sorted(there)
        for number, thread in there.items():
            assert held[number]["body"] == thread.body
            assert len(held[number]["comments"]["nodes"]) == len(thread.remarks)


def test_a_full_pass_that_was_stopped_goes_on(small: GitHubServer) -> None:
    first = run(small)
    for number in sorted(threads(small))[:3]:
        small.world.delete(REPOSITORY, number)
    whole = run(small, first.state, full=True)
    for stop in range(1, len(whole.pages)):
        pages = steps(small, first.state, full=True)
        taken = [next(pages) for _ in range(stop)]
        pages.close()  # type: ignore[attr-defined]
        rest = run(small, taken[-1].state, full=True)
        assert [n for page in taken for n in page.deleted] + rest.deleted == whole.deleted
        plain = run(small, taken[-1].state)
        assert plain.pages[-1].done
        assert run(small, plain.state, full=True).deleted == whole.deleted
