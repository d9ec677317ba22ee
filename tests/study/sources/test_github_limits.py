"""Limits are waited for as GitHub documents them, and tokens are used while they are of use."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from firstmile.errors import UserError
from firstmile.study.github.limits import Limit, read_limit
from firstmile.study.github.tokens import Refusal, TokenPool
from sources.github_runs import (
    QUICK,
    REPOSITORY,
    Clock,
    client,
    collecting,
    complete,
    numbers,
    refusal,
    run,
    sentence,
    steps,
)
from sources.github_server import Faults, GitHubServer, invent, serve


@pytest.fixture
def server() -> Iterator[GitHubServer]:
    """Run a server with few issues and no faults yet."""
    with serve(invent(40, long=0.04), Faults(retry_seconds=0, slow_seconds=0.6)) as running:
        yield running


def test_a_secondary_limit_without_a_time_waits_a_minute_and_longer(server: GitHubServer) -> None:
    clock = Clock()
    server.faults.script.extend(["secondary-silent", "secondary-silent"])
    patience = dataclasses.replace(QUICK, sleep=clock.sleep, now=clock.now)
    found = run(server, patience=patience)
    assert complete(server, found)
    assert sum(clock.slept) == pytest.approx(180)
    assert found.said[0].startswith("GitHub's limit for the tokens given is used up: waiting until")
    assert max(clock.slept) <= 15, "an interrupt would wait"


def test_a_wait_can_be_interrupted(server: GitHubServer) -> None:
    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    server.faults.script.extend(["", "secondary-silent"])
    with pytest.raises(KeyboardInterrupt):
        run(server, patience=dataclasses.replace(QUICK, sleep=interrupt))
    assert complete(server, run(server))


def test_a_limit_that_never_ends_is_a_sentence(server: GitHubServer) -> None:
    clock = Clock()
    server.faults.script.extend(["secondary-silent"] * 30)
    patience = dataclasses.replace(QUICK, sleep=clock.sleep, now=clock.now)
    assert "goes on limiting" in refusal(server, patience=patience)
    assert sum(clock.slept) < 3 * 3_600


def test_a_limit_longer_than_an_hour_is_not_waited_for(server: GitHubServer) -> None:
    server.faults.retry_seconds = 10_000
    server.faults.script.append("secondary")
    assert "lasts 167 more minutes" in refusal(server)


def test_a_used_up_hour_is_waited_for(server: GitHubServer) -> None:
    server.tokens.limit, server.tokens.window_seconds = 5, 1.0
    found = run(server)
    assert complete(server, found)
    assert server.requests < 12, "a token with nothing left was used"


def test_tokens_take_turns_by_what_is_left() -> None:
    world = invent(40, long=0.3)
    limits = {"ghp_small": 4, "ghp_large": 4_000}
    with serve(world, limits=limits) as server:
        found = run(server, credentials=["ghp_small", "ghp_large"])
        assert complete(server, found)
        tokens = [asked.headers["authorization"].split()[1] for asked in server.asked]
        assert tokens.count("ghp_small") <= 2
        assert tokens.count("ghp_large") >= len(tokens) - 2


def test_a_used_up_token_leaves_the_work_to_the_others() -> None:
    with serve(invent(40, long=0.3), limits={"ghp_a": 1, "ghp_b": 4_000}) as server:
        assert complete(server, run(server, credentials=["ghp_a", "ghp_b"]))


USED_UP = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1060"}
DATE = {"retry-after": "Thu, 01 Jan 1970 00:17:10 GMT"}
SECONDARY = "You have exceeded a secondary rate limit."
POWERLESS = "Resource not accessible by personal access token"


@pytest.mark.parametrize(
    ("status", "headers", "message", "types", "primary", "seconds"),
    [
        (403, {"retry-after": "30"}, SECONDARY, [], False, 30),
        (429, {}, "", [], False, None),
        (403, USED_UP, "API rate limit exceeded", [], True, 61),
        (200, USED_UP, "", ["RATE_LIMITED"], True, 61),
        (200, {}, "", ["RATE_LIMIT"], True, None),
        (403, {}, SECONDARY, [], False, None),
        (200, {"x-ratelimit-remaining": "9"}, SECONDARY, [], False, None),
        (403, DATE, "", [], False, 30),
    ],
)
def test_limits_are_read_as_github_documents_them(
    status: int,
    headers: dict[str, str],
    message: str,
    types: list[str],
    primary: bool,
    seconds: float | None,
) -> None:
    found = read_limit(status, headers, message, types, now=1_000.0)
    assert found == Limit(primary=primary, seconds=seconds)


@pytest.mark.parametrize(
    ("status", "headers", "message"),
    [
        (403, {}, POWERLESS),
        (403, {"x-ratelimit-remaining": "12"}, "Forbidden"),
        (200, {"x-ratelimit-remaining": "0"}, ""),
        (403, {"retry-after": "soon", "x-ratelimit-remaining": "²"}, ""),
    ],
)
def test_other_answers_are_no_limit(status: int, headers: dict[str, str], message: str) -> None:
    assert read_limit(status, headers, message, [], now=1_000.0) is None


def test_without_a_token_the_sentence_says_how_to_get_one(server: GitHubServer) -> None:
    said = refusal(server, credentials=[])
    assert "fine-grained one that reads public repositories" in said
    assert "https://github.com/settings/personal-access-tokens/new" in said
    assert 0 < said.index("GITHUB_TOKEN (several") < said.index("FIRSTMILE_GITHUB_TOKENS")
    assert server.requests == 0


@pytest.mark.parametrize(
    ("rules", "word"),
    [
        ({"revoked": {"ghp_one"}}, "bad, expired or revoked"),
        ({"powerless": {"ghp_one"}}, "may not read"),
    ],
)
def test_a_token_of_no_use_is_a_sentence(rules: dict[str, Any], word: str) -> None:
    with serve(invent(3), **rules) as server:
        assert word in refusal(server)
        assert server.requests == 1


def test_a_token_without_single_sign_on_is_a_sentence(server: GitHubServer) -> None:
    server.faults.script.extend(["", "forbidden"])
    assert "single sign-on" in refusal(server)


def test_a_token_that_graphql_forbids_leaves_the_work_to_the_others(server: GitHubServer) -> None:
    server.faults.script.extend(["", "forbidden"])
    assert complete(server, run(server, credentials=["ghp_one", "ghp_two"]))


def test_a_bad_token_among_good_ones_is_left_out() -> None:
    with serve(invent(30), revoked={"ghp_bad"}, powerless={"ghp_weak"}) as server:
        found = run(server, credentials=["ghp_bad", "ghp_weak", "ghp_good"])
        assert len(found.numbers) == 30
        assert found.said == [
            "Token 1 of 3 is refused as bad, expired or revoked; the others go on.",
            "Token 2 of 3 may not read issues there; the others go on.",
        ]


def test_a_token_revoked_in_the_middle_is_a_sentence(server: GitHubServer) -> None:
    pages = steps(server, None)
    first = next(pages)
    server.tokens.revoked.add("ghp_one")
    with pytest.raises(UserError, match="revoked") as caught:
        list(pages)
    sentence(caught.value)
    server.tokens.revoked.clear()
    rest = run(server, first.state)
    assert sorted([*(r.number for r in first.records), *rest.numbers]) == numbers(server)


@pytest.mark.parametrize("name", ["octo/none", "octo/private"])
def test_a_missing_or_private_repository_is_a_sentence(server: GitHubServer, name: str) -> None:
    server.world.add_repository("octo/private", readers=frozenset({"ghp_owner"}))
    said = refusal(server, repository=name)
    assert f'GitHub shows no "{name}"' in said
    assert "private" in said


def test_a_repository_that_becomes_private_is_a_sentence(server: GitHubServer) -> None:
    pages = steps(server, None)
    next(pages)
    repository = server.world.find(REPOSITORY)
    assert repository is not None
    repository.readers = frozenset()
    with pytest.raises(UserError, match="GitHub shows no"):
        list(pages)


def test_of_several_tokens_the_one_that_sees_the_repository_is_found(server: GitHubServer) -> None:
    server.world.add_repository("octo/private", readers=frozenset({"ghp_owner"}))
    server.world.add("octo/private")
    found = run(server, repository="octo/private", credentials=["ghp_one", "ghp_owner"])
    assert found.numbers == [1]


@pytest.mark.parametrize("token", ["ghp_a\r\nX-Evil: 1", "ghp a", "ghp_ä", "\x00"])
def test_a_token_with_impossible_characters_is_refused(token: str) -> None:
    with pytest.raises(UserError, match="no token has") as caught:
        TokenPool([token])
    sentence(caught.value)


def test_no_token_is_ever_shown(server: GitHubServer) -> None:
    told = collecting(server, credentials=["ghp_one"])
    with client(server, told, QUICK) as made:
        assert "ghp_one" not in repr(made)
        assert "ghp_one" not in repr(made.tokens.tokens)


def test_the_most_telling_refusal_is_reported() -> None:
    pool = TokenPool(["a", "b"])
    pool.refuse(pool.tokens[0], Refusal.UNSEEING)
    pool.refuse(pool.tokens[1], Refusal.BAD)
    assert pool.verdict() is Refusal.UNSEEING
