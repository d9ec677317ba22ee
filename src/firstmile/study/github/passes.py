"""Collects one repository page by page, so that a stop between two pages costs nothing.

The first pass walks the issues in the order in which they were opened: that order never
changes, so a page that was taken stays taken whatever is edited meanwhile. Before it begins,
one conditional REST request notes the time of the newest change in the repository (by GitHub's
clock) and its entity tag. What changed during the walk is then read by a pass over changes:
issues updated since that time, oldest change first. An issue that is updated during this pass
moves towards its end, so it can come twice (as two versions) and is never passed over. The next
run asks with the tag: an answer of 304 ends it, anything else starts another pass over changes,
from the time noted before the last one. Since GitHub's replicas may lag, each looks back a
little further (OVERLAP), and fingerprints of what was handed over keep it from coming again.

A full pass goes on to list all numbers: of those known and no longer listed GitHub's REST API
says whether they were deleted or moved elsewhere, and those listed but not known are read one
by one. Changes that leave an issue's own time alone (a deletion is one) show only there.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from firstmile.errors import UserError
from firstmile.study.github.client import Client
from firstmile.study.github.errors import CursorLostError, PassingError
from firstmile.study.github.reading import IssuePage, Reader
from firstmile.study.github.standing import Phase, Standing, earlier_than, fingerprint
from firstmile.study.issues import Page, Record
from firstmile.study.reading.quoting import shown
from firstmile.study.sources.finding import Collecting

ASKED_AFTER: Final = 100
"""Numbers no longer listed that are asked for one by one; if all are gone, so is the rest."""

_STRAGGLERS: Final = 20
"""Issues of a page that are read one by one."""


@dataclass(slots=True)
class RepositoryPass:
    """One run over one repository."""

    client: Client
    target: str
    collecting: Collecting
    at: Standing
    _warnings: list[str] = field(default_factory=list)
    _asked: int = 0
    _bytes: int = 0
    _known_before: int = 0

    def pages(self) -> Iterator[Page]:
        """Yield pages until the repository is done."""
        at, full = self.at, self.collecting.full
        widened = at.bound(self.collecting.since, self.collecting.until)
        self._known_before = len(at.known)
        if at.phase in (Phase.NUMBERS, Phase.STRAGGLERS) and not full:
            at.phase, at.found, at.owed = Phase.IDLE, set(), []
        if widened:
            at.mark = at.mark or at.next_mark
            at.finished, at.phase = False, Phase.IDLE
        if at.phase is Phase.IDLE and not self._look():
            yield self._page(done=True)
            return
        reader: Reader | None = None
        while at.phase is not Phase.IDLE:
            reader = self._reader(reader)
            yield from self._step(reader)

    def _reader(self, known: Reader | None) -> Reader:
        """Return a reader of the repository under its present name."""
        owner, _, name = self._repository().partition("/")
        if known is not None and (known.owner, known.name) == (owner, name):
            return known
        return Reader(self.client, owner, name)

    def _step(self, reader: Reader) -> Iterator[Page]:
        """Yield the pages of the phase that comes next."""
        try:
            match self.at.phase:
                case Phase.FIRST_WALK:
                    yield from self._walk(reader)
                case Phase.CHANGES:
                    yield from self._changes(reader)
                case Phase.NUMBERS:
                    yield from self._numbers(reader)
                case _:
                    yield from self._stragglers(reader)
        except CursorLostError:
            if self.at.cursor is None:
                raise UserError(
                    f"GitHub does not say how to go on in {shown(self.target)}; try again later."
                ) from None
            self.at.cursor = None

    def _repository(self) -> str:
        return self.at.repository or self.target

    def _look(self) -> bool:
        """Note time and tag of the newest change; returns whether there is anything to do."""
        at = self.at
        conditional = at.etag if at.finished and not self.collecting.full else None
        url = (
            f"{self.client.endpoint.rest}/repos/{self._repository()}/issues"
            "?state=all&sort=updated&direction=desc&per_page=1"
        )

        def once() -> tuple[int, Any, str | None]:
            answer = self.client.get(url, etag=conditional, expected=(200, 410))
            content = answer.json() if answer.status == 200 else None
            if answer.status == 200 and not isinstance(content, list):
                raise PassingError("sends answers of no use")
            return answer.status, content, answer.headers.get("etag")

        status, newest, etag = self.client.persist(once, lambda _trouble: None)
        if status == 304:
            return False
        if status == 410:
            self._warnings.append(f"{shown(self.target)} has its issues switched off.")
            return False
        first = newest[0] if newest and isinstance(newest[0], Mapping) else {}
        updated = first.get("updated_at")
        at.next_etag = etag
        if isinstance(updated, str) and earlier_than(updated) is not None:
            # Where the newest was deleted, the mark stays: what it answered for is known.
            at.next_mark = max(updated, at.mark or "")
        else:
            at.next_mark = at.mark
        at.cursor = None
        at.phase = Phase.CHANGES if at.finished else Phase.FIRST_WALK
        return True

    def _walk(self, reader: Reader) -> Iterator[Page]:
        at = self.at
        while at.phase is Phase.FIRST_WALK:
            since = f"{at.since}T00:00:00Z" if at.since else None
            page = reader.issues("CREATED_AT", since, at.cursor)
            self._named(page)
            records, beyond = [], False
            for issue in page.issues:
                number = issue["number"]
                beyond = at.until is not None and issue["createdAt"][:10] > at.until
                if number not in at.known and at.wanted(issue["createdAt"]):
                    records.append(self._record(page.repository, issue))
            at.cursor = page.cursor
            if page.cursor is None or beyond:
                at.finished, at.cursor, at.phase = True, None, Phase.CHANGES
                at.mark = at.mark or at.next_mark
            yield self._page(records, expected=max(0, page.total - self._known_before))

    def _changes(self, reader: Reader) -> Iterator[Page]:
        at = self.at
        since = earlier_than(at.mark)
        while at.phase is Phase.CHANGES:
            page = reader.issues("UPDATED_AT", since, at.cursor)
            self._named(page)
            records = []
            for issue in page.issues:
                if not at.wanted(issue["createdAt"]):
                    continue
                seen = at.seen.get(issue["number"])
                if seen is None or seen[1] != fingerprint(issue):
                    records.append(self._record(page.repository, issue))
            at.cursor = page.cursor
            done = False
            if page.cursor is None:
                at.cursor, at.mark, at.etag = None, at.next_mark, at.next_etag
                at.next_mark = at.next_etag = None
                at.forget_old()
                at.phase = Phase.NUMBERS if self.collecting.full else Phase.IDLE
                at.found = set()
                done = at.phase is Phase.IDLE
            yield self._page(records, done=done)

    def _numbers(self, reader: Reader) -> Iterator[Page]:
        at = self.at
        while at.phase is Phase.NUMBERS:
            page = reader.numbers(at.cursor)
            self._named(page)
            for issue in page.issues:
                at.found.add(issue["number"])
                if issue["number"] not in at.known and at.wanted(issue["createdAt"]):
                    at.owed.append(issue["number"])
            at.cursor = page.cursor
            if page.cursor is None:
                at.cursor, at.phase = None, Phase.STRAGGLERS
            yield self._page()

    def _stragglers(self, reader: Reader) -> Iterator[Page]:
        at = self.at
        gone = self._gone(sorted(at.known - at.found))
        while True:
            records = []
            for number in at.owed[:_STRAGGLERS]:
                found = reader.issue(number)
                if found is not None:
                    records.append(self._record(*found))
            del at.owed[:_STRAGGLERS]
            done = not at.owed
            at.known.difference_update(gone)
            for number in gone:
                at.seen.pop(number, None)
            if done:
                at.found, at.phase = set(), Phase.IDLE
            yield self._page(records, done=done, deleted=gone)
            gone = ()
            if done:
                return

    def _gone(self, missing: list[int]) -> tuple[int, ...]:
        """Return those numbers that are no longer listed because they were deleted or moved."""
        gone: list[int] = []
        for asked, number in enumerate(missing):
            if asked >= ASKED_AFTER and len(gone) == asked:
                return tuple(missing)
            if self._is_gone(number):
                gone.append(number)
        return tuple(gone)

    def _is_gone(self, number: int) -> bool:
        """Ask whether an issue that is no longer listed was deleted or moved."""
        url = f"{self.client.endpoint.rest}/repos/{self._repository()}/issues/{number}"

        def once() -> tuple[int, str]:
            answer = self.client.get(url, expected=(200, 301, 404, 410))
            return answer.status, answer.headers.get("location", "")

        status, location = self.client.persist(once, lambda _trouble: None)
        if status == 301:
            place = urlsplit(location).path.removeprefix("/api/v3").removeprefix("/repos/")
            where = place.replace("/issues/", "#")
            self._warnings.append(
                f"Issue {number} of {shown(self.target)} was moved to {shown(where)}."
            )
        return status != 200

    def _named(self, page: IssuePage) -> None:
        """Take over the repository's present name, and warn of what is missing."""
        if page.holes:
            self._warnings.append(
                f"GitHub cannot read an issue of {shown(self.target)}, which is left out; "
                "a full pass tries again."
            )
        if not page.repository or page.repository == self.at.repository:
            return
        if page.repository.lower() != self._repository().lower():
            self._warnings.append(
                f"{shown(self._repository())} is called {shown(page.repository)} today; its "
                "issues keep the addresses that they came with."
            )
        self.at.repository = page.repository

    def _record(self, repository: str, issue: dict[str, Any]) -> Record:
        number = issue["number"]
        self.at.remember(number, issue["updatedAt"], fingerprint(issue))
        return Record(repository=repository or self._repository(), number=number, payload=issue)

    def _page(
        self,
        records: list[Record] | None = None,
        *,
        done: bool = False,
        deleted: tuple[int, ...] = (),
        expected: int | None = None,
    ) -> Page:
        """Return a page that goes with the standing as it is now."""
        asked, received = self.client.requests, self.client.received
        page = Page(
            target=self.target,
            records=tuple(records or ()),
            state=self.at.write(),
            done=done,
            deleted=deleted,
            warnings=tuple(self._warnings),
            requests=asked - self._asked,
            bytes=received - self._bytes,
            expected=expected,
        )
        self._asked, self._bytes = asked, received
        self._warnings.clear()
        return page
