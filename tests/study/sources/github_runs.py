"""Runs of the github source against a server: everything at once, or page by page."""

import dataclasses
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest

from firstmile.errors import UserError
from firstmile.study.github.client import Client, Patience
from firstmile.study.github.endpoint import VARIABLE, read_endpoint
from firstmile.study.github.passes import RepositoryPass
from firstmile.study.github.standing import Standing
from firstmile.study.github.tokens import TokenPool
from firstmile.study.issues import Issue, Page
from firstmile.study.sources import Collecting, find_source
from sources.github_server import GitHubServer

REPOSITORY = "octo/engine"
SOURCE = find_source("github")
QUICK = Patience(attempts=3, first_pause=0.001, longest_pause=0.01)


@dataclass
class Run:
    """What a run brought: its pages, and what it said."""

    pages: list[Page]
    said: list[str] = field(default_factory=list)

    @property
    def state(self) -> Mapping[str, Any]:
        """Where it stands, as it comes back from an archive."""
        stored: Mapping[str, Any] = msgspec.json.decode(msgspec.json.encode(self.pages[-1].state))
        return stored

    @property
    def numbers(self) -> list[int]:
        """The issues it brought, in their order."""
        return [record.number for page in self.pages for record in page.records]

    @property
    def issues(self) -> dict[int, Issue]:
        """The issues by number, the newest version of each."""
        records = [record for page in self.pages for record in page.records]
        found = [SOURCE.issue(record, "2026-01-01T00:00:00Z") for record in records]
        return {issue.number: issue for issue in found if issue is not None}

    @property
    def deleted(self) -> list[int]:
        """The numbers it reports as gone."""
        return [number for page in self.pages for number in page.deleted]

    @property
    def warnings(self) -> list[str]:
        """Its sentences for the user."""
        return [warning for page in self.pages for warning in page.warnings]


def threads(server: GitHubServer, full: str = REPOSITORY) -> dict[int, Any]:
    """Return the issues that the server has."""
    repository = server.world.find(full)
    assert repository is not None
    return {thread.number: thread for thread in repository.issues()}


def collecting(server: GitHubServer, **changes: Any) -> Collecting:
    """Return what the source is told, for a server that the environment names."""
    os.environ[VARIABLE] = server.url
    plain = Collecting(
        folder=Path(),
        credentials=["ghp_one"],
        options={"api": server.url, "repositories": [REPOSITORY]},
    )
    return dataclasses.replace(plain, **changes)


def run(
    server: GitHubServer,
    state: Mapping[str, Any] | None = None,
    *,
    repository: str = REPOSITORY,
    patience: Patience | None = None,
    **changes: Any,
) -> Run:
    """Collect a repository to its end; `patience` other than usual is handed to the client."""
    said: list[str] = []
    told = collecting(server, say=said.append, **changes)
    if patience is None:
        return Run(list(SOURCE.pages(repository, state, told)), said)
    with client(server, told, patience, repository) as made:
        standing = Standing.read(state, repository)
        return Run(list(RepositoryPass(made, repository, told, standing).pages()), said)


def client(
    server: GitHubServer, told: Collecting, patience: Patience, about: str = REPOSITORY
) -> Client:
    """Return a client with a patience of its own."""
    return Client(
        endpoint=read_endpoint(server.url),
        tokens=TokenPool(told.credentials),
        patience=patience,
        say=told.say,
        about=about,
    )


def steps(server: GitHubServer, state: Mapping[str, Any] | None, **changes: Any) -> Iterator[Page]:
    """Yield pages one by one, as a process that may die after any of them."""
    yield from SOURCE.pages(REPOSITORY, state, collecting(server, **changes))


def refusal(server: GitHubServer, **changes: Any) -> str:
    """Run into a UserError and return its sentence."""
    with pytest.raises(UserError) as caught:
        run(server, **changes)
    return sentence(caught.value)


def sentence(error: UserError) -> str:
    """Return the one sentence of an error, checked for its form."""
    text = str(error)
    assert text.isprintable()
    assert text.endswith(".")
    assert "ghp_" not in text, "a token is shown"
    return text


@dataclass
class Clock:
    """A clock that sleeping moves on, and that remembers how long was slept."""

    time: float = 1_800_000_000.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        """Return the time."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Move on."""
        self.slept.append(seconds)
        self.time += seconds


def numbers(server: GitHubServer) -> list[int]:
    """Return the numbers of the issues that the server has."""
    repository = server.world.find(REPOSITORY)
    assert repository is not None
    return sorted(thread.number for thread in repository.issues())


def complete(server: GitHubServer, found: Run) -> bool:
    """Whether a run brought every issue once, with all comments."""
    assert sorted(found.numbers) == numbers(server)
    return all(issue.missing_comments == 0 for issue in found.issues.values())
