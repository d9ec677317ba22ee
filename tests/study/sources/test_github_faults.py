"""Whatever GitHub answers, a run brings everything, or says in one sentence why it cannot."""

import dataclasses
import http.server
import re
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firstmile.errors import UserError
from firstmile.study.github.client import Client, Patience
from firstmile.study.github.endpoint import read_endpoint
from firstmile.study.github.limits import Limit, read_limit
from firstmile.study.github.passes import RepositoryPass
from firstmile.study.github.standing import Standing
from firstmile.study.github.tokens import Refusal, TokenPool
from firstmile.study.reading.network import NetworkPolicy
from sources.github_runs import (
    REPOSITORY,
    Clock,
    Run,
    client,
    collecting,
    refusal,
    run,
    sentence,
    steps,
)
from sources.github_server import Faults, GitHubServer, invent, serve
from sources.github_server.faults import KINDS, USUAL

QUICK = Patience(attempts=3, first_pause=0.001, longest_pause=0.01)


@pytest.fixture
def server() -> Iterator[GitHubServer]:
    """Run a server with few issues and no faults yet."""
    with serve(invent(40, long=0.04), Faults(retry_seconds=0, slow_seconds=0.6)) as running:
        yield running


def numbers(server: GitHubServer) -> list[int]:
    """Return the numbers of the issues that the server has."""
    repository = server.world.find(REPOSITORY)
    assert repository is not None
    return sorted(thread.number for thread in repository.issues())


def complete(server: GitHubServer, found: Run) -> bool:
    """Whether a run brought every issue once, with all comments."""
    assert sorted(found.numbers) == numbers(server)
    return all(issue.missing_comments == 0 for issue in found.issues.values())


@pytest.mark.parametrize("kind", [kind for kind in USUAL if kind != "new-etag"])
@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_a_passing_fault_at_any_request_costs_nothing(
    server: GitHubServer, kind: str, place: int
) -> None:
    server.faults.script.extend([*[""] * place, kind])
    assert complete(server, run(server))
    assert server.faults.happened == [kind]


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
    patience = dataclasses.replace(QUICK, read_seconds=0.3)
    assert complete(server, run(server, patience=patience))
    sizes = [asked.body["variables"]["first"] for asked in server.asked if asked.body]
    assert sizes[:3] == [100, 50, 12]


def test_an_answer_that_trickles_in_is_bounded(server: GitHubServer) -> None:
    server.faults.script.extend(["", "slow"])
    patience = dataclasses.replace(QUICK, request_seconds=0.3)
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
    with serve(invent(4, long=0.3), faults) as server:
        for _ in range(60):
            state = None
            for full in (False, True):
                try:
                    state = run(server, state, patience=patience, full=full).state
                    outcomes["whole"] += 1
                except UserError as error:
                    sentence(error)
                    outcomes["refused"] += 1
                    break
    assert min(outcomes.values()) > 5, outcomes


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


# --- limits ------------------------------------------------------------------------------------


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


# --- tokens ------------------------------------------------------------------------------------


def test_without_a_token_the_sentence_says_how_to_get_one(server: GitHubServer) -> None:
    said = refusal(server, credentials=[])
    assert "https://github.com/settings/tokens" in said
    assert "FIRSTMILE_GITHUB_TOKENS" in said
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


# --- addresses ---------------------------------------------------------------------------------


class Trap(http.server.BaseHTTPRequestHandler):
    """Another server, which must never hear from us."""

    heard: list[str] = []  # noqa: RUF012

    def do_GET(self) -> None:
        Trap.heard.append(str(self.headers))
        self.send_error(404)

    do_POST = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def trap() -> Iterator[str]:
    """Run the other server and return its address."""
    Trap.heard.clear()
    other = http.server.HTTPServer(("127.0.0.1", 0), Trap)
    thread = threading.Thread(target=other.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{other.server_port}/repos/octo/engine/issues"
    other.shutdown()
    thread.join()
    other.server_close()


@pytest.mark.parametrize("place", [0, 1])
def test_a_redirect_to_another_server_is_refused_and_nothing_sent_there(
    server: GitHubServer, trap: str, place: int
) -> None:
    server.faults.redirect_to = trap
    server.faults.script.extend([*[""] * place, "redirect"])
    said = refusal(server)
    assert "another server (127.0.0.1)" in said
    assert Trap.heard == []


@pytest.mark.parametrize(
    "target", ["https://{host}/x", "http://user@{host}/x", "file:///etc/passwd", "//["]
)
def test_other_redirects_are_refused_too(server: GitHubServer, target: str) -> None:
    server.faults.redirect_to = target.format(host=server.url.removeprefix("http://"))
    server.faults.script.append("redirect")
    assert "another server" in refusal(server)


def test_redirects_in_circles_end(server: GitHubServer) -> None:
    server.faults.redirect_to = f"{server.url}/api/v3/repos/octo/engine/issues"
    server.faults.script.extend(["redirect"] * 20)
    assert "in circles" in refusal(server)


@pytest.mark.parametrize(
    ("api", "rest", "graphql"),
    [
        (None, "https://api.github.com", "https://api.github.com/graphql"),
        ("https://git.example", "https://git.example/api/v3", "https://git.example/api/graphql"),
        ("https://git.example/api/v3/", "https://git.example/api/v3", "https://git.example/api/graphql"),
        ("https://api.x.ghe.com", "https://api.x.ghe.com", "https://api.x.ghe.com/graphql"),
        ("http://localhost:80", "http://localhost:80/api/v3", "http://localhost:80/api/graphql"),
    ],
)  # fmt: skip
def test_the_api_lies_where_github_puts_it(api: str | None, rest: str, graphql: str) -> None:
    endpoint = read_endpoint(api)
    assert (endpoint.rest, endpoint.graphql) == (rest, graphql)
    assert endpoint.local == rest.startswith("http:")


@pytest.mark.parametrize(
    "api",
    [
        "http://git.example",
        "ftp://x",
        "https://",
        "https://a b",
        "https://u@x",
        3,
        "x\x00",
        "http://[::1",
    ],
)
def test_an_api_to_which_no_token_may_go_is_refused(api: Any) -> None:
    with pytest.raises(UserError) as caught:
        read_endpoint(api)
    sentence(caught.value)


def test_plain_http_reaches_this_machine_only() -> None:
    import ipaddress

    local, named, usual = (
        read_endpoint(a) for a in ("http://127.0.0.1:9", "https://g.example", None)
    )
    private, public = ipaddress.ip_address("10.0.0.1"), ipaddress.ip_address("140.82.112.6")
    assert not local.policy.allows(private)
    assert not local.policy.allows(public)
    assert named.policy.allows(private), "a server that is named on purpose"
    assert usual.policy.allows(public)
    assert not usual.policy.allows(private)


PEM = Path(__file__).parents[1] / "reading" / "loopback.pem"


def secure(server: GitHubServer, **policy: Any) -> Run:
    """Collect over https, under a network policy."""
    trusting = NetworkPolicy(
        certificates=lambda: ssl.create_default_context(cafile=str(PEM)), **policy
    )
    endpoint = dataclasses.replace(read_endpoint(server.url), policy=trusting)
    told = collecting(server)
    made = Client(
        endpoint=endpoint,
        tokens=TokenPool(told.credentials),
        patience=QUICK,
        say=told.say,
        about=REPOSITORY,
    )
    with made:
        return Run(list(RepositoryPass(made, REPOSITORY, told, Standing()).pages()))


def test_https_reaches_only_addresses_that_are_allowed() -> None:
    with serve(invent(5), certificate=PEM) as server:
        assert len(secure(server, allows=lambda address: address.is_loopback).numbers) == 5
        server.forget()
        with pytest.raises(UserError, match="not public") as caught:
            secure(server)
        sentence(caught.value)
        assert server.requests == 0


def test_a_certificate_that_is_not_trusted_is_refused() -> None:
    with serve(invent(5), certificate=PEM) as server:
        assert "breaks off connections" in refusal(server, patience=QUICK)
        assert server.requests == 0


def test_a_server_that_is_not_there_is_a_sentence() -> None:
    with serve(invent(1)) as server:
        pass
    assert re.search("breaks off connections for octo/engine", refusal(server, patience=QUICK))


def test_every_fault_is_tested_somewhere() -> None:

    text = Path(__file__).read_text(encoding="utf-8")
    assert [k for k in KINDS if f'"{k}"' not in text and k not in USUAL] == []
