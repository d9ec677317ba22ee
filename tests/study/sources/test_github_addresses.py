"""A token goes to the server that was named, and nowhere else."""

import dataclasses
import http.server
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from firstmile.errors import UserError
from firstmile.study.github.client import Client
from firstmile.study.github.endpoint import read_endpoint
from firstmile.study.github.passes import RepositoryPass
from firstmile.study.github.standing import Standing
from firstmile.study.github.tokens import TokenPool
from firstmile.study.reading.network import NetworkPolicy
from reading.https_site import PEM, loopback_certificates
from sources.github_runs import QUICK, REPOSITORY, Run, collecting, numbers, refusal, sentence
from sources.github_server import Faults, GitHubServer, invent, serve
from sources.github_server.http2 import serve_http2


@pytest.fixture
def server() -> Iterator[GitHubServer]:
    """Run a server with few issues and no faults yet."""
    with serve(invent(40, long=0.04), Faults(retry_seconds=0, slow_seconds=0.6)) as running:
        yield running


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


def secure(server: GitHubServer, **policy: Any) -> Run:
    """Collect over https, under a network policy."""
    trusting = NetworkPolicy(certificates=loopback_certificates, **policy)
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


def test_http2_is_spoken_where_the_server_does() -> None:
    with serve_http2(GitHubServer(invent(12)), PEM) as server:
        found = secure(server, allows=lambda address: address.is_loopback)
        assert sorted(found.numbers) == numbers(server)
        assert {asked.headers[":scheme"] for asked in server.asked} == {"https"}


def test_a_certificate_that_is_not_trusted_is_refused() -> None:
    with serve(invent(5), certificate=PEM) as server:
        assert "breaks off connections" in refusal(server, patience=QUICK)
        assert server.requests == 0


def test_a_server_that_is_not_there_is_a_sentence() -> None:
    with serve(invent(1)) as server:
        pass
    assert re.search("breaks off connections for octo/engine", refusal(server, patience=QUICK))
