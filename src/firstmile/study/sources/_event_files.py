"""Hour files of GH Archive, scanned: lines about wanted issues are copied out, the rest is passed.

A line is taken by its first bytes and parsed only as far as to know its repository and issue, so
that the files of all of GitHub are read about as fast as they unpack.
"""

import functools
import hashlib
import itertools
import multiprocessing
import os
import re
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from pathlib import Path
from typing import Any, Final

import msgspec

from firstmile.errors import UserError
from firstmile.study.reading.ceilings import MIB
from firstmile.study.sources._files import Placed, Wanted
from firstmile.study.sources._kinds import wrong_kind
from firstmile.study.sources._objects import items_of
from firstmile.study.sources._unpacking import blocks_of, lines_before

_TYPE_COMPACT: Final = b'"type":"Issue'
_TYPE_SPACED: Final = re.compile(rb'"Issue(?:s|Comment)Event"')
"""What every wanted line holds; quotes within a text are escaped, so no text does."""

_TYPES: Final = ("IssuesEvent", "IssueCommentEvent")
_LONGEST_LINE: Final = 64 * MIB
_WORTH_A_POOL: Final = 64 * MIB


class _Repository(msgspec.Struct, gc=False):
    name: str


class _Issue(msgspec.Struct, gc=False):
    number: int
    created_at: str | None = None
    pull_request: msgspec.Raw | None = None


class _Payload(msgspec.Struct, gc=False):
    issue: _Issue | int | None = None


class _Event(msgspec.Struct, gc=False):
    """As much of an event as tells whether it is wanted; before 2015 it had no `repo`."""

    type: str
    repo: _Repository | None = None
    payload: _Payload | None = None


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """What a scan of one file found.

    `spool` is a file with the kept lines, `unpacked` the bytes read. `failure` is one sentence
    where the file breaks off: what came before counts.
    """

    name: str
    size: int = 0
    mtime: int = 0
    sha256: str = ""
    spool: str = ""
    unpacked: int = 0
    kept: int = 0
    textless: int = 0
    broken: int = 0
    first_broken: int = 0
    unchanged: bool = False
    failure: str = ""


class Known(msgspec.Struct, frozen=True):
    """How far a file was read before: its size, time and hash then, and lines taken."""

    size: int
    mtime: int
    sha256: str
    lines: int
    done: bool


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One file to be scanned: where it is, what is wanted of it, where its lines go."""

    path: str
    name: str
    spool: str
    wanted: Wanted
    known: Known | None = None


def scan(order: Order) -> Scan:
    """Scan one file; a failure is in the result, so that the other files go on."""
    path, known = Path(order.path), order.known
    try:
        about = path.stat()
        size, mtime = about.st_size, about.st_mtime_ns
        if known and known.done and (known.size, known.mtime) == (size, mtime):
            return Scan(name=order.name, unchanged=True)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        return Scan(name=order.name, failure=f"{order.name} cannot be read ({reason}).")
    if known and known.done and known.sha256 == digest:
        return Scan(name=order.name, unchanged=True)
    return _copied(order, size, mtime, digest)


def _copied(order: Order, size: int, mtime: int, digest: str) -> Scan:
    found = _Lines(order.wanted)
    failure = ""
    try:
        with Path(order.spool).open("wb") as spool:
            try:
                for block in blocks_of(Path(order.path), order.name):
                    spool.writelines(found.wanted_of(block))
                spool.writelines(found.wanted_of(b"\n"))
            except UserError as error:
                failure = str(error)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        failure = f"What {order.name} holds could not be copied out ({reason}): free some space."
    if not (found.kept or found.textless or found.broken or failure):
        failure = _of_another_kind(order)
    return Scan(
        name=order.name,
        size=size,
        mtime=mtime,
        sha256=digest,
        spool=order.spool,
        unpacked=found.unpacked,
        kept=found.kept,
        textless=found.textless,
        broken=found.broken,
        first_broken=lines_before(Path(order.path), found.first_broken) + 1 if found.broken else 0,
        failure=failure,
    )


def _of_another_kind(order: Order) -> str:
    """Say that a file in which nothing was found is no file of events; nothing where it is one."""
    path = Path(order.path)
    head = next(blocks_of(path, order.name), b"").lstrip()
    try:
        if head.startswith(b"["):
            first = next(items_of(path, order.name), None)
            value = first.value if first else None
        else:
            value = msgspec.json.decode(head.partition(b"\n")[0], type=dict[str, Any])
    except (UserError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    return wrong_kind(value or {}, "gh-archive", order.name) or ""


class _Lines:
    """Takes blocks of a file and gives the wanted lines of them."""

    def __init__(self, wanted: Wanted) -> None:
        self._takes, self._rest = wanted, b""
        self._decoder = msgspec.json.Decoder(_Event)
        self._is_compact = True
        self.unpacked = 0
        self.kept = self.textless = self.broken = 0
        self.first_broken = -1

    def wanted_of(self, block: bytes) -> Iterator[bytes]:
        """Yield the wanted lines that end in this block, with their line ends.

        Real hour files hold stretches of NUL bytes with the next event behind them: they are
        ends of lines too.
        """
        if b"\0" in block:
            block = block.replace(b"\0", b"\n")
        end = block.rfind(b"\n") + 1
        if not end:
            self._rest += block
            if len(self._rest) > _LONGEST_LINE:
                self._break(self.unpacked)
                self.unpacked += len(self._rest)
                self._rest = b""
            return
        first = block.find(b"\n") + 1
        if line := self._rest + block[:first]:
            yield from self._among(line)
        yield from self._among(block[first:end])
        self._rest = block[end:]

    def _among(self, lines: bytes) -> Iterator[bytes]:
        """Yield the wanted ones of whole lines; the others are not even cut out."""
        if not self.unpacked and b'"type":"' not in lines[: lines.find(b"\n")]:
            self._is_compact = False
        begin = 0
        while (place := self._next(lines, begin)) >= 0:
            start, end = lines.rfind(b"\n", 0, place) + 1, lines.find(b"\n", place) + 1
            line, begin = lines[start:end], end
            if self._is_wanted(line, self.unpacked + start):
                self.kept += 1
                yield line
        self.unpacked += len(lines)

    def _next(self, lines: bytes, begin: int) -> int:
        if self._is_compact:
            return lines.find(_TYPE_COMPACT, begin)
        found = _TYPE_SPACED.search(lines, begin)
        return found.start() if found else -1

    def _is_wanted(self, line: bytes, place: int) -> bool:
        try:
            event = self._decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self._break(place)
            return False
        if event.type not in _TYPES:
            return False
        issue = event.payload.issue if event.payload else None
        if event.repo is None or not isinstance(issue, _Issue):
            self.textless += 1
            return False
        pull = issue.pull_request is not None and bytes(issue.pull_request) != b"null"
        return self._takes.takes(Placed(event.repo.name, issue.number, issue.created_at, pull))

    def _break(self, place: int) -> None:
        self.broken += 1
        self.first_broken = place if self.first_broken < 0 else self.first_broken


def scan_all(orders: Sequence[Order], *, alone_below: int = _WORTH_A_POOL) -> Iterator[Scan]:
    """Yield the scans of files in their order, on all cores; a few run ahead, so disk is bounded.

    Less than `alone_below` bytes is done here, since that takes less time than to start others.
    """
    cores = available_cores()
    if cores < 2 or len(orders) < 2 or sum(map(_size, orders)) < alone_below:
        yield from map(scan, orders)
        return
    waiting, pool = iter(orders), _pool(cores)
    running: deque[Future[Scan]] = deque(
        pool.submit(scan, order) for order in itertools.islice(waiting, cores + 1)
    )
    try:
        while running:
            yield running.popleft().result()
            running.extend(pool.submit(scan, order) for order in itertools.islice(waiting, 1))
    finally:
        for future in running:
            future.cancel()
        wait(running)


@functools.cache
def _pool(cores: int) -> ProcessPoolExecutor:
    """Return the processes that scan, started once: to start them takes as long as a scan.

    They are spawned, not forked: whoever calls may have threads.
    """
    return ProcessPoolExecutor(cores, mp_context=multiprocessing.get_context("spawn"))


def _size(order: Order) -> int:
    try:
        return Path(order.path).stat().st_size
    except OSError:
        return 0


def available_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
