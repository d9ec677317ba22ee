"""What a study.toml says of GitHub: repositories by name, or an organization's."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from firstmile.errors import UserError
from firstmile.study.github.endpoint import VARIABLE
from firstmile.study.github.tokens import ENTERPRISE, tokens_for
from firstmile.study.sources import Collecting, github
from sources.github_runs import REPOSITORY, SOURCE, collecting, sentence
from sources.github_server import GitHubServer, World, invent, serve


@pytest.fixture
def small() -> Iterator[GitHubServer]:
    """Run a server with few issues."""
    with serve(invent(12, long=0.1)) as running:
        yield running


def told(server: GitHubServer, **options: Any) -> Collecting:
    """Return what the source is told, with a table of its own."""
    return collecting(server, options={"api": server.url, **options})


def test_repositories_are_named_as_owner_and_name_or_by_address(small: GitHubServer) -> None:
    names = ["octo/engine", "https://github.com/a/b.git", "Octo/Engine", "https://github.com/a/c/"]
    assert SOURCE.targets(told(small, repositories=names)) == ["Octo/Engine", "a/b", "a/c"]


@pytest.mark.parametrize(
    "name",
    ["engine", "a/b/c", "../x", "a/..", "a/b c", "a/\x1b[1m", "https://evil.example/a/b", ""],
)
def test_other_names_are_refused(small: GitHubServer, name: str) -> None:
    with pytest.raises(UserError, match="no name of a repository") as caught:
        SOURCE.targets(told(small, repositories=[name]))
    sentence(caught.value)


@pytest.mark.parametrize(
    "table", [{}, {"repositories": "a/b"}, {"organization": "a/b"}, {"organization": 3}]
)
def test_a_table_without_repositories_is_refused(
    small: GitHubServer, table: dict[str, Any]
) -> None:
    with pytest.raises(UserError) as caught:
        SOURCE.targets(told(small, **table))
    sentence(caught.value)


def test_an_organization_lists_its_repositories() -> None:
    world = World()
    for number in range(130):
        world.add_repository(f"Org/r{number:03}")
    world.add_repository("Org/fork", fork=True)
    world.add_repository("Org/old", archived=True)
    world.add_repository("Org/secret", readers=frozenset({"ghp_one"}))
    world.add_repository("Org/quiet", has_issues=False)
    plain = [f"Org/r{number:03}" for number in range(130)]
    with serve(world) as server:
        assert SOURCE.targets(told(server, organization="org")) == plain
        both = told(server, organization="org", include_forks=True, include_archived=True)
        assert set(SOURCE.targets(both)) == {*plain, "Org/fork", "Org/old"}
        also = told(server, organization="org", repositories=["a/b"])
        assert set(SOURCE.targets(also)) == {*plain, "a/b"}


def test_an_organization_that_is_missing_or_empty_is_said(small: GitHubServer) -> None:
    small.world.add_repository("hollow/fork", fork=True)
    with pytest.raises(UserError, match='shows no "nobody"') as caught:
        SOURCE.targets(told(small, organization="nobody"))
    sentence(caught.value)
    with pytest.raises(UserError, match="no repository that takes issues"):
        SOURCE.targets(told(small, organization="hollow"))


def test_the_source_needs_no_client_until_it_collects() -> None:
    script = (
        "import sys; from firstmile.study.sources import find_sources; find_sources(); "
        "print('httpx' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=Path.cwd()
    )
    assert done.stdout.strip() == "False"


def test_a_server_that_only_the_table_names_gets_no_token_for_github(
    small: GitHubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = collecting(small, options={"api": small.url, "organization": "octo"})
    monkeypatch.setenv(VARIABLE, "")
    calls: list[Callable[[], object]] = [
        lambda: SOURCE.targets(foreign),
        lambda: list(SOURCE.pages(REPOSITORY, None, foreign)),
        lambda: github.count([REPOSITORY], foreign),
    ]
    for call in calls:
        with pytest.raises(UserError, match="FIRSTMILE_GITHUB_ENTERPRISE_TOKENS") as caught:
            call()
        sentence(caught.value)
    assert small.requests == 0


def test_a_server_that_a_table_names_gets_its_own_tokens(
    small: GitHubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = collecting(small, credentials=["ghp_of_github"])
    monkeypatch.setenv(VARIABLE, "")
    monkeypatch.setenv(ENTERPRISE, " ghp_one ,")
    assert sum(len(page.records) for page in SOURCE.pages(REPOSITORY, None, told)) == 12
    assert not [asked for asked in small.asked if "ghp_of_github" in str(asked.headers)]


@pytest.mark.parametrize("api", [None, "https://api.github.com"])
def test_github_itself_gets_the_tokens_for_it(api: str | None) -> None:
    assert tokens_for(api, ["ghp_one"], environment={ENTERPRISE: "other"}) == ["ghp_one"]


@pytest.mark.parametrize(
    "api",
    ["https://api.github.com.evil.example", "https://api.github.com@evil.example", "http://x", 3],
)
def test_a_host_that_looks_like_github_gets_none(api: object) -> None:
    with pytest.raises(UserError):
        tokens_for(api, ["ghp_one"], environment={VARIABLE: "https://git.example"})
