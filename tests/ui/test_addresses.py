"""What stands at an address is diagnosed: issues of a GitHub server, logs of an https site."""

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firstmile.errors import UserError
from firstmile.rendering.inert import visible
from firstmile.study.reading.network import NetworkPolicy
from firstmile.ui.addresses import LARGEST, is_address, read_address
from reading.https_site import Handler, Site, loopback_policy, serve_site
from sources.github_server import Faults, GitHubServer, World, serve

from .command_line import Command

REPOSITORY = "octo/engine"
ERROR = "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.32 GiB"


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubServer]:
    world = World()
    world.add_repository(REPOSITORY)
    world.add(REPOSITORY, title="It stops", body=f"I load the model.\r\n\r\n{ERROR}\r\n")
    world.comment(REPOSITORY, 1, body="A smaller batch helped me.")
    with serve(world) as server:
        monkeypatch.setenv("FIRSTMILE_GITHUB_API", server.url)
        monkeypatch.setenv("GITHUB_TOKEN", "ghp_one")
        yield server


@pytest.fixture
def site() -> Iterator[Site]:
    with serve_site() as site:
        yield site


@pytest.fixture
def policy() -> NetworkPolicy:
    return loopback_policy(max_redirects=3)


def refused(source: str, policy: NetworkPolicy | None = None) -> str:
    with pytest.raises(UserError) as caught:
        read_address(source, policy=policy)
    said = str(caught.value)
    assert said.isprintable()
    assert said.endswith(".")
    return said


def unknown(_host: str, _port: int) -> list[str]:
    raise OSError


def issue(number: int = 1, *, repository: str = REPOSITORY) -> str:
    return f"https://github.com/{repository}/issues/{number}"


@pytest.mark.parametrize("rest", ["", "#issuecomment-7", "?x=1"])
def test_an_issue_is_read_with_its_comments(github: GitHubServer, rest: str) -> None:
    text = read_address(f"{issue()}{rest}").decode()
    assert text == f"It stops\n\nI load the model.\n\n{ERROR}\n\n\nA smaller batch helped me.\n"
    assert {asked.headers["authorization"] for asked in github.asked} == {"Bearer ghp_one"}


def test_an_issue_is_diagnosed_by_the_command(
    github: GitHubServer, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    status, out = command("diagnose", issue())
    assert status == 0, command.err
    assert "Crash - CUDA Error - Out of Memory" in out
    assert ERROR[:60] in out
    assert all("authorization" not in asked.headers for asked in github.asked)


def test_hundreds_of_comments_are_read_page_by_page_and_no_more(github: GitHubServer) -> None:
    for place in range(350):
        github.world.comment(REPOSITORY, 1, body=f"remark {place:03}")
    text = read_address(issue()).decode()
    assert "remark 298" in text
    assert "remark 299" not in text
    assert github.requests == 4


def test_a_moved_issue_is_followed_and_no_token_survives_the_redirect(
    github: GitHubServer,
) -> None:
    github.world.add_repository("octo/other")
    github.world.transfer(REPOSITORY, 1, "octo/other")
    text = read_address(issue()).decode()
    assert ERROR in text
    assert "A smaller batch" in text
    sent = ["authorization" in asked.headers for asked in github.asked]
    assert sent == [True, False, True]


def test_a_redirect_of_the_api_to_another_server_is_not_followed(
    github: GitHubServer, site: Site
) -> None:
    github.faults = Faults(script=deque(["redirect"]), redirect_to=f"{site.url}/issue")
    assert "another server" in refused(issue())
    assert not site.asked


def test_what_github_refuses_is_one_sentence(
    github: GitHubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "has no such issue" in refused(issue(77))
    github.world.delete(REPOSITORY, 1)
    assert "deleted" in refused(issue())
    github.tokens.revoked.add("ghp_one")
    assert "refuses the token in GITHUB_TOKEN" in refused(issue())
    monkeypatch.setenv("GITHUB_TOKEN", "ghp two")
    assert "a character that no token has" in refused(issue())
    assert "discussion" in refused(f"https://github.com/{REPOSITORY}/discussions/3")


@pytest.mark.parametrize("fault", ["502", "garbled", "cut", "reset", "secondary"])
def test_a_broken_answer_of_github_is_one_sentence(github: GitHubServer, fault: str) -> None:
    github.faults = Faults(script=deque([fault]))
    assert "GitHub (127.0.0.1)" in refused(issue())


def test_a_log_is_read_from_any_site_and_no_token_is_sent(
    site: Site, policy: NetworkPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_one")
    site.serve("/run.log", ERROR.encode(), kind="text/plain")
    site.redirect("/latest", f"{site.url}/run.log")
    assert read_address(f"{site.url}/run.log", policy=policy) == ERROR.encode()
    assert read_address(f"{site.url}/latest", policy=policy) == ERROR.encode()
    assert not [headers for headers in site.headers if "Authorization" in headers]


def test_redirects_are_counted_and_checked_anew(site: Site, policy: NetworkPolicy) -> None:
    for place in range(5):
        site.redirect(f"/{place}", f"{site.url}/{place + 1}")
    assert "more than 3 times" in refused(f"{site.url}/0", policy)
    site.redirect("/inside", "https://127.0.0.2/secret")
    assert "no public address" in refused(f"{site.url}/inside", policy)
    site.redirect("/plain", "http://127.0.0.1/secret")
    assert "is not https" in refused(f"{site.url}/plain", policy)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "[::ffff:192.168.0.1]", "0.0.0.0"]
)
def test_private_loopback_and_link_local_addresses_are_refused(host: str) -> None:
    assert "no public address" in refused(f"https://{host}/run.log")


def test_a_name_of_a_private_address_is_refused(policy: NetworkPolicy) -> None:
    inside = replace(policy, resolve=lambda _host, _port: ["127.0.0.1", "10.1.2.3"])
    assert "no public address" in refused("https://logs.example/run.log", inside)


@pytest.mark.parametrize(
    ("page", "host"),
    [
        ("https://github.com/octo/engine/blob/main/run.log", "raw.githubusercontent.com"),
        ("https://gist.github.com/octo/0123456789abcdef", "gist.github.com"),
        ("https://evil.example/octo/engine/issues/1", "evil.example"),
        ("https://github.com.evil.example/octo/engine/issues/1", "github.com.evil.example"),
    ],
)
def test_pages_of_files_lead_to_their_text_and_only_githubs_issues_to_its_api(
    github: GitHubServer, policy: NetworkPolicy, page: str, host: str
) -> None:
    assert f"The host {host} cannot be found" in refused(page, replace(policy, resolve=unknown))
    assert github.requests == 0


@pytest.mark.parametrize(
    "odd", ["https://ghp_two@github.com/octo/engine/issues/1", "https://[github.com/a/b/issues/1"]
)
def test_an_odd_address_asks_nobody(github: GitHubServer, policy: NetworkPolicy, odd: str) -> None:
    assert "ghp_two" not in refused(odd, policy)
    assert github.requests == 0


@given(st.sampled_from(["https://", "https://github.com/", "HTTPS://[", "a+b://"]), st.text())
@settings(max_examples=150, deadline=None)
def test_any_address_is_read_or_refused_in_a_sentence(start: str, rest: str) -> None:
    nowhere = NetworkPolicy(resolve=unknown)
    assert is_address(start + rest)
    with pytest.raises(UserError) as caught:
        read_address(start + rest, policy=nowhere, environment={})
    assert visible(str(caught.value)) == str(caught.value)


@pytest.mark.parametrize("scheme", ["http", "file", "ftp"])
def test_anything_but_https_is_refused(scheme: str) -> None:
    assert is_address(f"{scheme}://example.org/run.log")
    assert "is not https" in refused(f"{scheme}://example.org/run.log")


def test_without_a_network_there_is_one_sentence(policy: NetworkPolicy) -> None:
    lost = replace(policy, resolve=unknown)
    assert "cannot be found" in refused("https://logs.example/run.log", lost)
    assert "broke off" in refused("https://127.0.0.1:1/run.log", policy)


def test_what_is_too_large_too_slow_or_a_web_page_is_refused(
    site: Site, policy: NetworkPolicy
) -> None:
    def drip(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(40):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            threading.Event().wait(0.1)

    site.serve("/large", b"x" * 200_001)
    site.answer("/slow", drip)
    site.serve("/page", b"<html>", kind="text/html; charset=utf-8")
    assert "sends more than" in refused(f"{site.url}/large", policy)
    assert "takes longer than" in refused(f"{site.url}/slow", replace(policy, max_seconds=1.0))
    assert "is a web page" in refused(f"{site.url}/page", policy)


def test_an_issue_of_more_than_20_mib_is_refused(github: GitHubServer) -> None:
    github.world.edit(REPOSITORY, 1, body="x" * (LARGEST + 1))
    assert "larger than 20 MiB" in refused(issue())


def test_binary_is_no_log(github: GitHubServer, command: Command) -> None:
    github.world.edit(REPOSITORY, 1, body="\0\1" * 4_000)
    assert "no text" in command.refused("diagnose", issue())


def test_a_large_issue_is_digested_with_its_line_numbers(
    github: GitHubServer, command: Command
) -> None:
    noise = "\n".join(f"step {place} loss 1.0 and some more words" for place in range(60_000))
    github.world.edit(REPOSITORY, 1, body=f"{noise}\n{ERROR}")
    status, out = command("diagnose", issue())
    assert status == 0, command.err
    assert "line 60003" in out
