"""The invented world: repositories, their issues, and how they change between two runs."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any, Final

from . import texts

START: Final = 1_640_995_200
"""2022-01-01, when the invented projects opened."""


def iso(moment: int | None) -> str | None:
    """Return a moment as GitHub writes it."""
    return (
        None
        if moment is None
        else datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    )


@dataclass(slots=True)
class Account:
    """Somebody who writes."""

    login: str
    kind: str = "User"


@dataclass(slots=True)
class Remark:
    """One comment under a thread."""

    id: int
    author: Account | None
    association: str
    body: str
    created: int
    updated: int
    edited: int | None = None


@dataclass(slots=True)
class Happening:
    """One entry of a timeline; `other` is the issue or the repository it speaks of."""

    kind: str
    created: int
    other: str


@dataclass(slots=True)
class Thread:
    """An issue, or a pull request, which shares its numbers."""

    id: int
    number: int
    author: Account | None
    title: str
    body: str
    created: int
    updated: int
    association: str = "NONE"
    closed: int | None = None
    reason: str | None = None
    locked: bool = False
    labels: list[str] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    timeline: list[Happening] = field(default_factory=list)
    is_pull: bool = False
    edited: int | None = None


@dataclass(slots=True)
class Repository:
    """A repository; `readers` are the tokens that may see it, None where everybody may."""

    owner: str
    name: str
    id: int
    threads: dict[int, Thread] = field(default_factory=dict)
    gone: dict[int, str | None] = field(default_factory=dict)
    readers: frozenset[str] | None = None
    has_issues: bool = True
    fork: bool = False
    archived: bool = False

    @property
    def full(self) -> str:
        """Owner and name."""
        return f"{self.owner}/{self.name}"

    def issues(self) -> list[Thread]:
        """Return the issues without the pull requests."""
        return [thread for thread in self.threads.values() if not thread.is_pull]


class World:
    """All repositories, under the names they have and had; every change moves the clock on."""

    def __init__(self, seed: int = 1) -> None:
        self.lock = threading.RLock()
        self.random = Random(seed)
        self.repositories: dict[str, Repository] = {}
        self.renamed: dict[str, str] = {}
        self.organizations: dict[str, list[str]] = {}
        self.clock = START
        self._ids = 1_000

    def next_id(self) -> int:
        """Return a number nobody has yet."""
        self._ids += 1
        return self._ids

    def add_repository(self, full: str, **settings: Any) -> Repository:
        """Add an empty repository to its owner."""
        owner, _, name = full.partition("/")
        repository = Repository(owner=owner, name=name, id=self.next_id(), **settings)
        self.repositories[full.lower()] = repository
        self.organizations.setdefault(owner.lower(), []).append(full)
        return repository

    def find(self, full: str) -> Repository | None:
        """Return a repository under any name that it ever had."""
        name = full.lower()
        while name in self.renamed:
            name = self.renamed[name]
        return self.repositories.get(name)

    def by_id(self, number: int) -> Repository | None:
        """Return the repository with an id."""
        return next((r for r in self.repositories.values() if r.id == number), None)

    def _tick(self, seconds: int = 60) -> int:
        self.clock += seconds
        return self.clock

    def _of(self, full: str) -> Repository:
        repository = self.find(full)
        if repository is None:
            raise LookupError(full)
        return repository

    def rename(self, full: str, new: str) -> None:
        """Give a repository another name; the old one leads on."""
        with self.lock:
            repository = self.repositories.pop(full.lower())
            repository.owner, _, repository.name = new.partition("/")
            self.repositories[new.lower()] = repository
            self.renamed[full.lower()] = new.lower()

    def add(
        self,
        full: str,
        *,
        title: str = "",
        body: str = "",
        comments: int = 0,
        pull: bool = False,
        seconds: int = 60,
    ) -> int:
        """Open an issue and return its number."""
        with self.lock:
            repository, now = self._of(full), self._tick(seconds)
            number = max([0, *repository.threads, *repository.gone]) + 1
            invented, text, label = texts.opening(self.random)
            repository.threads[number] = Thread(
                id=self.next_id(),
                number=number,
                author=self.account(),
                title=title or invented,
                body=body or text,
                created=now,
                updated=now,
                labels=[label] if label else [],
                is_pull=pull,
            )
            for _ in range(comments):
                self.comment(full, number, seconds=1)
            return number

    def comment(self, full: str, number: int, *, body: str = "", seconds: int = 60) -> None:
        """Write a comment."""
        with self.lock:
            thread, now = self._of(full).threads[number], self._tick(seconds)
            thread.remarks.append(
                Remark(
                    self.next_id(),
                    self.account(),
                    "NONE",
                    body or texts.reply(self.random),
                    now,
                    now,
                )
            )
            thread.updated = now

    def edit(self, full: str, number: int, *, body: str, seconds: int = 60) -> None:
        """Change what an issue says."""
        with self.lock:
            thread, now = self._of(full).threads[number], self._tick(seconds)
            thread.body, thread.updated, thread.edited = body, now, now

    def close(
        self, full: str, number: int, *, reason: str = "COMPLETED", duplicate_of: str = ""
    ) -> None:
        """Close an issue, perhaps as a duplicate of an address."""
        with self.lock:
            thread, now = self._of(full).threads[number], self._tick()
            thread.closed = thread.updated = now
            thread.reason = "DUPLICATE" if duplicate_of else reason
            if duplicate_of:
                thread.timeline.append(Happening("MarkedAsDuplicateEvent", now, duplicate_of))

    def hold(self, full: str, number: int) -> None:
        """Lock an issue's conversation."""
        with self.lock:
            thread = self._of(full).threads[number]
            thread.locked, thread.updated = True, self._tick()

    def delete(self, full: str, number: int) -> None:
        """Delete an issue for good."""
        with self.lock:
            repository = self._of(full)
            del repository.threads[number]
            repository.gone[number] = None
            self._tick()

    def transfer(self, full: str, number: int, to: str) -> int:
        """Move an issue to another repository, where it gets a new number."""
        with self.lock:
            source, target, now = self._of(full), self._of(to), self._tick()
            thread = source.threads.pop(number)
            new = max([0, *target.threads, *target.gone]) + 1
            thread.number, thread.updated = new, now
            thread.timeline.append(Happening("TransferredEvent", now, source.full))
            target.threads[new] = thread
            source.gone[number] = f"{target.full}#{new}"
            return new

    def account(self) -> Account | None:
        """Return somebody: a user as a rule, at times a bot or an account that is gone."""
        draw = self.random.random()
        if draw < 0.03:
            return None
        if draw < 0.07:
            return Account("stale-bot", "Bot")
        return Account(f"user{self.random.randint(1, 400)}")


def fill(
    world: World, full: str, issues: int, *, long: float = 0.01, pulls: float = 0.3
) -> Repository:
    """Fill a repository with issues and, among them, pull requests, over some years."""
    repository, random = world.find(full) or world.add_repository(full), world.random
    step = max(60, 94_608_000 // max(1, issues + int(issues * pulls)))
    made, number, now = 0, 0, START
    while made < issues:
        number += 1
        now += random.randint(1, 2 * step)
        pull = random.random() < pulls / (1 + pulls)
        title, body, label = texts.opening(random)
        thread = Thread(
            id=world.next_id(),
            number=number,
            author=world.account(),
            title=title,
            body=body,
            created=now,
            updated=now,
            association=random.choice(("NONE", "NONE", "CONTRIBUTOR", "MEMBER")),
            labels=[label] if label else [],
            is_pull=pull,
        )
        for _ in range(texts.comment_count(random, long)):
            at = thread.updated + random.randint(0, 90_000)
            remark = Remark(world.next_id(), world.account(), "NONE", texts.reply(random), at, at)
            thread.remarks.append(remark)
            thread.updated = at
        if random.random() < 0.6:
            thread.closed = thread.updated = thread.updated + random.randint(0, 900_000)
            thread.reason = random.choice(("COMPLETED", "COMPLETED", "NOT_PLANNED"))
        thread.locked = random.random() < 0.02
        repository.threads[number] = thread
        made += not pull
    world.clock = (
        max(world.clock, now, *(t.updated for t in repository.threads.values()), START) + 3_600
    )
    return repository


def invent(
    issues: int = 60,
    *,
    repositories: Iterable[str] = ("octo/engine",),
    seed: int = 1,
    long: float = 0.01,
    large_body: int = 0,
) -> World:
    """Invent a world; the same arguments give the same one. `large_body` is in bytes."""
    world = World(seed)
    for full in repositories:
        repository = fill(world, full, issues, long=long)
        if large_body and repository.issues():
            repository.issues()[0].body = "x" * large_body
    return world
