"""Hour files of GH Archive: issues and comments as events of 2015 and later tell them.

`files` are names or patterns relative to the study's folder, `repositories` those that count,
each under every name it has had. The archive misses events, and an issue is known only as it was
at its last one: comments that no event told of are counted as missing.
"""

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any, Final

import msgspec

from firstmile.errors import UserError
from firstmile.study.issues import Comment, Issue, Page, Record
from firstmile.study.reading.ceilings import MIB
from firstmile.study.reading.quoting import shown
from firstmile.study.sources._event_files import Known, Order, Scan, scan_all
from firstmile.study.sources._files import PAGE_RECORDS, Wanted, file_targets
from firstmile.study.sources._shapes import comments_from, issue_from_rest, text_of
from firstmile.study.sources.finding import Collecting

KEYS: Final[Mapping[str, bool]] = {"files": True, "repositories": True}

_HOUR_FILE: Final = re.compile(r"(\d{4}-\d\d-\d\d)-\d{1,2}\.json(?:\.gz)?")
_PAGE_BYTES: Final = 16 * MIB
_SPOOL: Final = ".gh-archive.part"


def targets(collecting: Collecting) -> Sequence[str]:
    """Return the days of the hour files, and other files by their own names; raises UserError.

    Days before the study's first are left out: no issue of the study was open yet.
    """
    if not _wanted(collecting).repositories:
        raise UserError(
            "A gh-archive source needs repositories: hour files hold all of GitHub's events."
        )
    found = dict.fromkeys(_day_or_file(name) for name in file_targets(collecting))
    first = collecting.since.isoformat() if collecting.since else ""
    return [name for name in found if not _is_day(name) or PurePosixPath(name).name >= first]


def pages(target: str, state: Mapping[str, Any] | None, collecting: Collecting) -> Iterator[Page]:
    """Yield pages of events by issue, going on after `state`; raises UserError.

    A broken line is passed over with a warning. A file that breaks off is read as far as it goes
    and named in a UserError after the others.
    """
    names = [name for name in file_targets(collecting) if _day_or_file(name) == target]
    known = {} if collecting.full else _known(state)
    folder = collecting.folder / _SPOOL
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        orders = [
            Order(
                path=str(collecting.folder / name),
                name=name,
                spool=str(folder / f"{place}.jsonl"),
                wanted=_wanted(collecting),
                known=known.get(name),
            )
            for place, name in enumerate(names)
        ]
        yield from _Reading(target, _known(state), collecting).pages(orders)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def issue(record: Record, fetched_at: str) -> Issue | None:
    """Return the issue of an archived record, as far as its events tell."""
    return merge([record], fetched_at)


def merge(records: Sequence[Record], fetched_at: str) -> Issue | None:
    """Return the issue that the events of all its records tell of together.

    Each event counts once, however often its file was read. The issue is as its last event has
    it; comments are those that events told of, each in its last wording.
    """
    told: dict[str, Mapping[str, Any]] = {}
    for record in records:
        for event in record.payload.get("events") or ():
            if isinstance(event, Mapping):
                told[str(event.get("id"))] = event
    events = sorted(told.values(), key=lambda event: text_of(event, "created_at") or "")
    issues = [value for event in events if (value := _part(event, "issue"))]
    if not issues or any(value.get("pull_request") for value in issues):
        return None
    comments: dict[Any, Mapping[str, Any]] = {}
    for event in events:
        if comment := _part(event, "comment"):
            comments[comment.get("id")] = comment
    last = max(issues, key=lambda value: text_of(value, "updated_at") or "")
    expected = max(
        (n for value in issues if isinstance(n := value.get("comments"), int)), default=0
    )
    read: tuple[Comment, ...] = comments_from(comments.values())
    found = issue_from_rest(
        last,
        origin="gh-archive",
        repository=records[-1].repository,
        number=records[-1].number,
        fetched_at=fetched_at,
        comments=(),
    )
    return msgspec.structs.replace(
        found, comments=read, missing_comments=max(0, expected - len(read))
    )


def parts(record: Record) -> frozenset[str]:
    """Return the events that a record tells of; a later record may tell of the same ones again."""
    events = record.payload.get("events") or ()
    return frozenset(str(one.get("id")) for one in events if isinstance(one, Mapping))


def _part(event: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
    payload = event.get("payload")
    part = payload.get(key) if isinstance(payload, Mapping) else None
    return part if isinstance(part, Mapping) else None


class _Reading:
    """One way through the files of a target."""

    def __init__(self, target: str, known: dict[str, Known], collecting: Collecting) -> None:
        self._target, self._known, self._collecting = target, known, collecting
        self._before = dict(known)
        listed = collecting.options.get("repositories", [])
        self._spelled = {name.casefold(): name for name in listed}
        self._events: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
        self._bytes = 0
        self._warnings: list[str] = []
        self._failures: list[str] = []
        self._changed = False

    def pages(self, orders: Sequence[Order]) -> Iterator[Page]:
        """Yield pages; raises UserError at the end where a file broke off."""
        for order, found in zip(orders, scan_all(orders), strict=True):
            if found.unchanged:
                continue
            self._changed = True
            self._warn(found)
            self._collecting.say(
                f"{shown(found.name)}: {found.unpacked // MIB:,} MiB read, "
                f"{found.kept:,} events kept"
            )
            yield from self._lines(found, order.known)
            Path(order.spool).unlink(missing_ok=True)
        if self._failures:
            if self._events or self._known != self._before:
                yield self._page(done=False)
            raise UserError(" ".join(self._failures))
        if self._changed:
            yield self._page(done=True)

    def _lines(self, found: Scan, known: Known | None) -> Iterator[Page]:
        is_same = known is not None and known.sha256 == found.sha256
        skipped = known.lines if known is not None and is_same else 0
        decoder, number = msgspec.json.Decoder(dict[str, Any]), 0
        if found.spool:
            with Path(found.spool).open("rb") as spool:
                for number, line in enumerate(spool, 1):
                    if number <= skipped:
                        continue
                    try:
                        event = decoder.decode(line)
                    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                        self._warnings.append(
                            f"{shown(found.name)}: one of the wanted events is broken "
                            "inside and was passed over."
                        )
                        continue
                    self._add(event, len(line))
                    if len(self._events) >= PAGE_RECORDS or self._bytes >= _PAGE_BYTES:
                        self._note(found, number, done=False)
                        yield self._page(done=False)
        if found.sha256:
            self._note(found, number, done=not found.failure)

    def _add(self, event: Mapping[str, Any], size: int) -> None:
        name = str(event["repo"]["name"])
        place = (self._spelled.get(name.casefold(), name), int(event["payload"]["issue"]["number"]))
        self._events.setdefault(place, []).append(event)
        self._bytes += size

    def _note(self, found: Scan, lines: int, *, done: bool) -> None:
        self._known[found.name] = Known(found.size, found.mtime, found.sha256, lines, done)

    def _page(self, *, done: bool) -> Page:
        page = Page(
            target=self._target,
            records=tuple(
                Record(repository=repository, number=number, payload={"events": events})
                for (repository, number), events in self._events.items()
            ),
            state={"files": {n: msgspec.to_builtins(k) for n, k in self._known.items()}},
            done=done,
            warnings=tuple(self._warnings),
            bytes=self._bytes,
        )
        self._events, self._bytes, self._warnings = {}, 0, []
        return page

    def _warn(self, found: Scan) -> None:
        name = shown(found.name)
        if found.failure:
            self._failures.append(found.failure)
        if found.broken:
            lines = "line is" if found.broken == 1 else "lines are"
            self._warnings.append(
                f"{name}: {found.broken} {lines} broken and passed over "
                f"(the first is line {found.first_broken})."
            )
        if found.textless:
            self._warnings.append(
                f"{name}: {found.textless} events about issues hold no texts, "
                "as those of before 2015 don't, and were passed over."
            )


def _known(state: Mapping[str, Any] | None) -> dict[str, Known]:
    files = (state or {}).get("files")
    if not isinstance(files, Mapping):
        return {}
    return {name: msgspec.convert(value, Known) for name, value in files.items()}


def _wanted(collecting: Collecting) -> Wanted:
    return Wanted.of(collecting)


def _day_or_file(name: str) -> str:
    path = PurePosixPath(name)
    hour = _HOUR_FILE.fullmatch(path.name)
    return (path.parent / hour[1]).as_posix() if hour else name


def _is_day(target: str) -> bool:
    try:
        date.fromisoformat(PurePosixPath(target).name)
    except ValueError:
        return False
    return True
