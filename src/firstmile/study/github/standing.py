"""Where the collecting of one repository stands between two pages."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import msgspec

from firstmile.errors import UserError
from firstmile.study.github.numbers import pack, unpack
from firstmile.study.reading.quoting import shown

VERSION: Final = 1
OVERLAP: Final = timedelta(minutes=5)
"""How far a pass looks back before the last: GitHub's replicas may lag behind each other."""


class Phase(StrEnum):
    """What the next page belongs to."""

    IDLE = "idle"
    FIRST_WALK = "first-walk"
    CHANGES = "changes"
    NUMBERS = "numbers"
    STRAGGLERS = "stragglers"


class _Place(msgspec.Struct, kw_only=True):
    """What is stored as it is known; see Standing."""

    phase: Phase = Phase.IDLE
    finished: bool = False
    repository: str = ""
    since: str | None = None
    until: str | None = None
    cursor: str | None = None
    etag: str | None = None
    mark: str | None = None
    next_etag: str | None = None
    next_mark: str | None = None


class _Note(_Place, kw_only=True):
    """The state as it is stored; see Standing."""

    version: int
    phase: Phase
    known: str = ""
    seen: dict[str, tuple[str, str]] = {}
    found: str = ""
    owed: tuple[int, ...] = ()


class Standing(_Place, kw_only=True):
    """What is known between two pages.

    `finished` says that all issues were walked once. `mark` is the time of the newest change
    that the last pass answers for and `etag` what GitHub called that moment; `next_…` are those
    of the pass under way, taken before it began. `known` are the numbers that were handed over.
    `seen` holds, of issues that changed after `mark` less OVERLAP, the time and fingerprint of
    what was handed over, so that the next pass knows them again. `found` and `owed` belong to
    a full pass: numbers that exist, and those of them that are not known yet.
    """

    known: set[int] = set()
    seen: dict[int, tuple[str, str]] = {}
    found: set[int] = set()
    owed: list[int] = []

    @classmethod
    def read(cls, state: Mapping[str, Any] | None, target: str) -> "Standing":
        """Return the standing that a stored state holds; raises UserError where it cannot."""
        if state is None:
            return cls()
        try:
            note = msgspec.convert(dict(state), _Note)
            if note.version != VERSION:
                raise ValueError("another version")
            return cls(
                **_place(note),
                known=unpack(note.known),
                found=unpack(note.found),
                seen={int(number): entry for number, entry in note.seen.items()},
                owed=list(note.owed),
            )
        except (msgspec.ValidationError, ValueError) as error:
            raise UserError(
                f"The archive of {shown(target)} was written by another version of firstmile, "
                "which does not say where to go on; collect it into a new study."
            ) from error

    def write(self) -> dict[str, Any]:
        """Return what is stored with a page."""
        note = _Note(
            version=VERSION,
            **_place(self),
            known=pack(self.known) if self.known else "",
            seen={str(number): entry for number, entry in sorted(self.seen.items())},
            found=pack(self.found) if self.found else "",
            owed=tuple(self.owed),
        )
        stored: dict[str, Any] = msgspec.to_builtins(note)
        return stored

    def bound(self, since: date | None, until: date | None) -> bool:
        """Take over the study's days; returns whether days were added to them."""
        new_since = since.isoformat() if since else None
        new_until = until.isoformat() if until else None
        earlier = self.since is not None and (new_since is None or new_since < self.since)
        later = self.until is not None and (new_until is None or new_until > self.until)
        self.since, self.until = new_since, new_until
        return earlier or later

    def wanted(self, created: str) -> bool:
        """Whether an issue was opened on one of the study's days."""
        day = created[:10]
        return (self.since or "") <= day and (self.until is None or day <= self.until)

    def remember(self, number: int, updated: str, print_: str) -> None:
        """Note what was handed over, where the next pass may meet it again."""
        self.known.add(number)
        walking = self.phase is Phase.FIRST_WALK
        edge = earlier_than((self.mark if walking else None) or self.next_mark)
        if edge is None or updated >= edge:
            self.seen[number] = (updated, print_)

    def forget_old(self) -> None:
        """Drop what the next pass cannot meet again."""
        edge = earlier_than(self.mark)
        if edge is not None:
            self.seen = {n: entry for n, entry in self.seen.items() if entry[0] >= edge}


def _place(held: _Place) -> dict[str, Any]:
    return {name: getattr(held, name) for name in _Place.__struct_fields__}


def earlier_than(moment: str | None) -> str | None:
    """Return a moment less OVERLAP, both as GitHub writes them."""
    if moment is None:
        return None
    try:
        found = datetime.fromisoformat(moment).astimezone(UTC) - OVERLAP
    except ValueError:
        return None
    return found.strftime("%Y-%m-%dT%H:%M:%SZ")


def fingerprint(payload: Mapping[str, Any]) -> str:
    """Return a short hash of what an issue says."""
    body = msgspec.json.encode(payload, order="sorted")
    return hashlib.blake2b(body, digest_size=8).hexdigest()
