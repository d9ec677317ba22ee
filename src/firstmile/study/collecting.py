"""Collect: pages from sources, protected, then archived; goes on where it was stopped."""

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from firstmile import redaction
from firstmile.study.archive import Archive, KeptRecord
from firstmile.study.costs import require_names
from firstmile.study.design import Design
from firstmile.study.folder import StudyFolder
from firstmile.study.issues import Page, TargetMissingError
from firstmile.study.privacy import PSEUDONYMIZED, Pseudonyms, protect
from firstmile.study.reading.quoting import shown
from firstmile.study.sources import Collecting, find_source
from firstmile.study.wording import counted

_MANY: Final = "secrets, addresses, hosts and names"

_FIRST_ESTIMATE: Final = 3
"""Pages that must have come before a remaining time is worth naming."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What a run of collecting brought; `records` counts new and changed issues, `same` those
    that a full pass read again as they were.

    `failures` say of each target that could not be had why.
    """

    targets: int = 0
    pages: int = 0
    records: int = 0
    same: int = 0
    requests: int = 0
    bytes: int = 0
    deleted: int = 0
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    redacted: Mapping[str, int] | None = None

    @property
    def names(self) -> int:
        """How many names of accounts became pseudonyms, each time one stood there."""
        counts = self.redacted or {}
        return sum(count for kind, count in counts.items() if kind in PSEUDONYMIZED)

    @property
    def replaced(self) -> int:
        """How many secrets, addresses, hosts and names of persons were replaced."""
        return sum((self.redacted or {}).values()) - self.names

    @property
    def summary(self) -> str:
        """What came, what it cost and what was taken out of it, in one sentence."""
        said = (
            f"{counted(self.records, 'new or changed issue')} of {counted(self.targets, 'place')}"
        )
        asked = f"{counted(self.requests, 'request')}, " if self.requests else ""
        size = f"{self.bytes / 1e6:,.1f} MB" if self.bytes >= 1e5 else f"{self.bytes / 1e3:,.0f} kB"
        said += f" in {asked}{size} and {self.seconds:,.0f} s"
        if self.same:
            said += f"; {counted(self.same, 'issue')} read again as before"
        if self.names:
            said += f"; {counted(self.names, 'account name')} became pseudonyms"
        if self.replaced:
            said += f"; {counted(self.replaced, 'secret, address, host or name', _MANY)} replaced"
        return f"{said}."

    @property
    def failed(self) -> str:
        """One sentence on what could not be had and on all others; empty where all was."""
        if not self.failures:
            return ""
        why, failed, others = " ".join(self.failures), len(self.failures), self.targets
        others -= failed
        if not others:
            return why if failed == 1 else f"None of {failed:,} could be collected: {why}"
        were = "the other was" if others == 1 else f"the other {others:,} were"
        return f"{failed:,} of {self.targets:,} could not be collected, {were}: {why}"


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def collect(
    folder: StudyFolder,
    *,
    credentials: Sequence[str] = (),
    full: bool = False,
    now: Callable[[], datetime] = utc_now,
    say: Callable[[str], None] = lambda _line: None,
) -> Collected:
    """Collect everything that a study's sources have and its archive lacks.

    Each page is protected (secrets, addresses and names replaced, authors as keyed pseudonyms)
    and archived before the next is asked for. Raises UserError with one sentence where a source
    cannot go on; what was archived before stays.
    """
    design, archive = folder.design, folder.archive
    require_names(design)
    pseudonyms = Pseudonyms(folder.key)
    public = public_names(design)
    started = time.monotonic()
    total = Collected(redacted={})
    with folder.lock():
        for table in design.sources:
            source = find_source(table.kind)
            collecting = Collecting(
                folder=folder.path,
                since=design.study.since,
                until=design.study.until,
                full=full,
                credentials=credentials,
                options=table.options,
                say=say,
            )
            for target in source.targets(collecting):
                last = archive.last(table.kind, target)
                estimate = _Estimate(target)
                known = _Known(archive, table.kind, target) if full else None
                total = _plus(total, targets=1)
                try:
                    for page in source.pages(target, last.state if last else None, collecting):
                        records, counts = _protected(page, pseudonyms, public)
                        archive.append(
                            table.kind,
                            page,
                            records,
                            fetched_at=now().strftime("%Y-%m-%dT%H:%M:%SZ"),
                            redaction=str(redaction.VERSION),
                            redacted=counts,
                        )
                        same = known.count_and_note(records) if known else 0
                        total = _with_page(total, page, counts, same=same)
                        say(estimate.after(page))
                except TargetMissingError as error:
                    total = replace(total, failures=(*total.failures, str(error)))
    return _plus(total, seconds=time.monotonic() - started)


def public_names(design: Design) -> tuple[str, ...]:
    """Return whose repositories are studied: their names stand in every address anyway."""
    names = set()
    for table in design.sources:
        listed = table.options.get("repositories")
        for name in listed if isinstance(listed, list) else ():
            names.add(str(name).removeprefix("https://github.com/").partition("/")[0])
        if isinstance(table.options.get("organization"), str):
            names.add(table.options["organization"])
    return tuple(sorted(names))


def _protected(
    page: Page, pseudonyms: Pseudonyms, public: Sequence[str]
) -> tuple[list[KeptRecord], dict[str, int]]:
    records, counts = [], dict[str, int]()
    for record in page.records:
        done = protect(record.payload, pseudonyms, public=public)
        payload: Any = done.payload
        records.append(
            KeptRecord(
                repository=record.repository,
                number=record.number,
                payload=payload,
                redacted=dict(sorted(done.counts.items())),
            )
        )
        for kind, count in done.counts.items():
            counts[kind] = counts.get(kind, 0) + count
    return records, counts


def _with_page(total: Collected, page: Page, counts: Mapping[str, int], *, same: int) -> Collected:
    redacted = dict(total.redacted or {})
    for kind, count in counts.items():
        redacted[kind] = redacted.get(kind, 0) + count
    return replace(
        total,
        pages=total.pages + 1,
        records=total.records + len(page.records) - same,
        same=total.same + same,
        requests=total.requests + page.requests,
        bytes=total.bytes + page.bytes,
        deleted=total.deleted + len(page.deleted),
        warnings=(*total.warnings, *page.warnings),
        redacted=redacted,
    )


def _plus(total: Collected, *, targets: int = 0, seconds: float = 0.0) -> Collected:
    return replace(total, targets=total.targets + targets, seconds=total.seconds + seconds)


class _Known:
    """What the archive holds of a target, so that a full pass can tell what is new in it.

    Files are read whole again then, and most of what they hold is as it was.
    """

    def __init__(self, archive: Archive, source: str, target: str) -> None:
        self._newest: dict[tuple[str, int], bytes] = {}
        for page in archive.pages():
            if (page.head.source, page.head.target) == (source, target):
                self.count_and_note(page.records())

    def count_and_note(self, records: Iterable[KeptRecord]) -> int:
        """Return how many records say what was known of their issue, and note all of them."""
        same = 0
        for record in records:
            key = (record.repository.casefold(), record.number)
            said = hashlib.blake2b(msgspec.json.encode(record.payload), digest_size=16).digest()
            same += self._newest.get(key) == said
            self._newest[key] = said
        return same


class _Estimate:
    """How far a target is, and how long the rest takes at the pace seen so far."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._started = time.monotonic()
        self._pages = 0
        self._records = 0

    def after(self, page: Page) -> str:
        """Count a page and say where things stand."""
        self._pages += 1
        self._records += len(page.records)
        words = f"{shown(self._target)}: {counted(self._records, 'issue')}"
        if page.done or not page.expected or page.expected <= self._records:
            return words
        words += f" of about {page.expected:,}"
        if self._pages < _FIRST_ESTIMATE:
            return words
        seconds = (time.monotonic() - self._started) / self._records
        left = seconds * (page.expected - self._records)
        return f"{words}, about {left / 60:.0f} min left" if left >= 90 else words
