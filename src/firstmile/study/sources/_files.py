"""Exports as files: which there are, what is in them, and how far they were read."""

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

from firstmile.errors import UserError
from firstmile.study.issues import Page, Record, TargetMissingError
from firstmile.study.reading.quoting import quoted, shown
from firstmile.study.sources._kinds import refuse_wrong_kind
from firstmile.study.sources._objects import Item, items_of
from firstmile.study.sources._unpacking import unreadable
from firstmile.study.sources.finding import Collecting

FILE_KEYS: Final[Mapping[str, bool]] = {"files": True, "repositories": False}
"""Keys of every source that reads files: where they are, and which repositories count."""

NO_DELETIONS: Final = (
    "A full pass over files notices no deletions: an issue that a file lacks may merely not have "
    "been exported. Only GitHub's API tells, through a source of "
    'kind = "github".'
)
"""What a full pass over files says."""

PAGE_RECORDS: Final = 500
MOST_BROKEN: Final = 1_000
"""Broken records of one file after which it counts as no export."""

_MAGIC: Final = re.compile(r"[*?\[]")


class Placed(NamedTuple):
    """Where a record belongs: its repository, its number, and the day it was opened."""

    repository: str
    number: int
    created_at: str | None = None
    is_pull_request: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which issues a study takes: of these repositories (any if empty), opened on these days."""

    repositories: frozenset[str] = frozenset()
    since: date | None = None
    until: date | None = None

    @classmethod
    def of(cls, collecting: Collecting) -> "Wanted":
        """Read it from a source's table; raises UserError."""
        listed = collecting.options.get("repositories", [])
        if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
            raise UserError('repositories must be a list, such as ["owner/name"].')
        return cls(
            repositories=frozenset(name.casefold() for name in listed),
            since=collecting.since,
            until=collecting.until,
        )

    def takes(self, placed: Placed) -> bool:
        """Whether an issue is wanted; a pull request never is."""
        if placed.is_pull_request:
            return False
        return self.takes_repository(placed.repository) and self.takes_day(placed.created_at)

    def takes_repository(self, name: str) -> bool:
        """Whether a repository is wanted."""
        return not self.repositories or name.casefold() in self.repositories

    def takes_day(self, created_at: str | None) -> bool:
        """Whether a day is wanted; one that is not known is."""
        day = (created_at or "")[:10]
        if not day:
            return True
        return not (
            (self.since and day < self.since.isoformat())
            or (self.until and day > self.until.isoformat())
        )


def file_targets(collecting: Collecting) -> list[str]:
    """Return the files of a table, each once, in order; raises UserError."""
    patterns = collecting.options.get("files", [])
    if not isinstance(patterns, list) or not all(isinstance(p, str) and p for p in patterns):
        raise UserError('files must be a list, such as ["exports/*.json"].')
    if not patterns:
        raise UserError('files is empty: list at least one, such as ["exports/*.json"].')
    found: dict[str, None] = {}
    for pattern in patterns:
        names = sorted(_matching(pattern, collecting.folder))
        if not names:
            raise UserError(
                f"No file matches {quoted(pattern)} in {shown(str(collecting.folder))}: "
                "put the export there, or correct the name."
            )
        found.update(dict.fromkeys(names))
    return list(found)


def _matching(pattern: str, folder: Path) -> Iterator[str]:
    """Yield the files of a pattern, named as seen from the folder."""
    base, parts = folder, list(Path(pattern).parts)
    while parts and not _MAGIC.search(parts[0]):
        base /= parts.pop(0)
    for path in base.glob("/".join(parts)) if parts else (base,):
        if path.is_file():
            yield Path(os.path.relpath(path, folder)).as_posix()


def file_pages(
    target: str,
    state: Mapping[str, Any] | None,
    collecting: Collecting,
    place: Callable[[Mapping[str, Any]], Placed | None],
    *,
    kind: str,
    remark: Callable[[Mapping[str, Any]], str | None] = lambda _value: None,
) -> Iterator[Page]:
    """Yield pages of an export's issues, going on after `state`.

    `place` says where an object belongs, None where it names no issue; `remark` what is to be
    said of one, in words that follow a count. A file that was read and has not changed yields
    nothing; a changed one is read again, and one whose first object is of another `kind` is
    refused. A broken line is passed over with a warning, since the lines around it are whole;
    where a file breaks off, what came before is yielded, then UserError is raised, so that the
    next run goes on there. What is said of issues is said once, at the end; a full pass says
    that files tell of no deletions.
    """
    path, wanted = collecting.folder / target, Wanted.of(collecting)
    digest = sha256_of(path, target)
    known = dict(state or {})
    done_before = 0
    if known.get("sha256") == digest and not collecting.full:
        if known.get("done"):
            return
        done_before = int(known.get("records", 0))
    page = _Building(target, digest, done_before)
    if collecting.full and target == file_targets(collecting)[0]:
        page.first_said = NO_DELETIONS
    try:
        for item in items_of(path, target):
            page.seen += 1
            if page.seen == 1 and item.value is not None:
                refuse_wrong_kind(item.value, kind, target)
            if page.seen <= done_before:
                continue
            page.add(item, place, remark, wanted)
            if len(page.records) >= PAGE_RECORDS:
                yield page.take(done=False)
    except UserError:
        if page.records:
            yield page.take(done=False, is_last=True)
        raise
    if page.broken and page.broken == page.seen:
        raise UserError(
            f"{shown(target)} holds no JSON objects ({page.first_broken}): "
            "export it again as JSON or JSON Lines."
        )
    if page.placeless and page.broken + page.placeless == page.seen:
        raise TargetMissingError(
            f"{shown(target)} names no issue, neither by address nor by repository and number, "
            f"in {'its one record' if page.seen == 1 else f'any of its {page.seen:,} records'}: "
            "export it again with the addresses."
        )
    yield page.take(done=True, is_last=True)


def count_files(
    targets: Sequence[str],
    collecting: Collecting,
    place: Callable[[Mapping[str, Any]], Placed | None],
    *,
    kind: str,
) -> dict[str, int | None]:
    """Return how many issues each file brings that none before it does.

    Raises UserError where a file cannot be read, or is of another kind.
    """
    wanted, seen = Wanted.of(collecting), set[tuple[str, int]]()
    found: dict[str, int | None] = {}
    for target in targets:
        before = len(seen)
        for number, item in enumerate(items_of(collecting.folder / target, target)):
            if number == 0 and item.value is not None:
                refuse_wrong_kind(item.value, kind, target)
            placed = place(item.value) if item.value is not None else None
            if placed is not None and wanted.takes(placed):
                seen.add((placed.repository.casefold(), placed.number))
        found[target] = len(seen) - before
    return found


class _Building:
    """A page that is being filled."""

    def __init__(self, target: str, digest: str, seen: int) -> None:
        self.target, self.digest = target, digest
        self.seen = 0
        self.taken = seen
        self.broken = 0
        self.placeless = 0
        self.first_broken = ""
        self.first_said = ""
        self.others: dict[str, int] = {}
        self._remarks: dict[str, int] = {}
        self._clear()

    def _clear(self) -> None:
        self.records: list[Record] = []
        self._bytes = 0
        self._broken = self._placeless = 0
        self._broken_first, self._placeless_first = "", 0

    def add(
        self,
        item: Item,
        place: Callable[[Mapping[str, Any]], Placed | None],
        remark: Callable[[Mapping[str, Any]], str | None],
        wanted: Wanted,
    ) -> None:
        self._bytes += item.bytes
        if item.value is None:
            reason = f"line {item.place}: {item.reason}"
            self.first_broken = self.first_broken or reason
            self._broken_first = self._broken_first or reason
            self.broken += 1
            self._broken += 1
            if self.broken > MOST_BROKEN:
                raise UserError(
                    f"{shown(self.target)} holds more than {MOST_BROKEN:,} broken records "
                    f"({self.first_broken}): export it again as JSON or JSON Lines."
                )
            return
        placed = place(item.value)
        if placed is None:
            self._placeless_first = self._placeless_first or item.place
            self.placeless += 1
            self._placeless += 1
        elif not wanted.takes_repository(placed.repository):
            self.others[placed.repository] = self.others.get(placed.repository, 0) + 1
        elif wanted.takes(placed):
            self.taken += 1
            self.records.append(
                Record(repository=placed.repository, number=placed.number, payload=item.value)
            )
            if said := remark(item.value):
                self._remarks[said] = self._remarks.get(said, 0) + 1

    def take(self, *, done: bool, is_last: bool = False) -> Page:
        page = Page(
            target=self.target,
            records=tuple(self.records),
            state={"sha256": self.digest, "records": self.seen, "done": done},
            done=done,
            warnings=tuple(self._warnings(is_last)),
            bytes=self._bytes,
        )
        self._clear()
        return page

    def _warnings(self, is_last: bool) -> Iterator[str]:
        name = shown(self.target)
        if self.first_said:
            yield self.first_said
            self.first_said = ""
        if count := self._broken:
            lines = "line is" if count == 1 else "lines are"
            yield f"{name}: {count:,} {lines} broken and passed over ({self._broken_first})."
        if count := self._placeless:
            records, were = ("record names", "was") if count == 1 else ("records name", "were")
            yield (
                f"{name}: {count:,} {records} no issue, neither by address nor by repository and "
                f"number, and {were} passed over (the first is number {self._placeless_first})."
            )
        if is_last and self.others and not self.taken:
            found = sorted(self.others, key=lambda name: -self.others[name])
            more = f" and {len(found) - 3:,} more" if len(found) > 3 else ""
            yield (
                f"{name} holds no issue of the repositories that the study names; it holds "
                f"issues of {', '.join(shown(one) for one in found[:3])}{more}."
            )
        for said, count in self._remarks.items() if is_last else ():
            yield f"{name}: {count:,} {'issue' if count == 1 else 'issues'} {said}."


def sha256_of(path: Path, name: str) -> str:
    """Return a file's hash; raises UserError where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(name, error) from error
