"""Hour files of GH Archive, scanned: lines about wanted issues are copied out, the rest is passed.

A line is taken by its first bytes and parsed only as far as to know its repository and issue, so
that the files of all of GitHub are read about as fast as they unpack.
"""

import functools
import hashlib
import itertools
import multiprocessing
import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from pathlib import Path
from typing import Final

import msgspec

from firstmile.errors import UserError
from firstmile.study.reading.ceilings import MIB
from firstmile.study.sources._files import Placed, Wanted, blocks_of

_HEAD: Final = 160
_TYPE: Final = b'"type":"'
_WANTED_TYPE: Final = b'"type":"Issue'
_WANTED_NAMES: Final = (b'"IssuesEvent"', b'"IssueCommentEvent"')
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

    `spool` is a file with the kept lines. `failure` is one sentence where the file breaks off:
    what came before counts.
    """

    name: str
    size: int = 0
    mtime: int = 0
    sha256: str = ""
    spool: str = ""
    events: int = 0
    kept: int = 0
    bytes: int = 0
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
    return Scan(
        name=order.name,
        size=size,
        mtime=mtime,
        sha256=digest,
        spool=order.spool,
        events=found.events,
        kept=found.kept,
        bytes=found.bytes,
        textless=found.textless,
        broken=found.broken,
        first_broken=found.first_broken,
        failure=failure,
    )


class _Lines:
    """Takes blocks of a file and gives the wanted lines of them."""

    def __init__(self, wanted: Wanted) -> None:
        self._takes, self._rest = wanted, b""
        self._decoder = msgspec.json.Decoder(_Event)
        self._lines = 0
        self.events = self.kept = self.bytes = self.textless = 0
        self.broken = self.first_broken = 0

    def wanted_of(self, block: bytes) -> Iterator[bytes]:
        """Yield the wanted lines that end in this block, with their line ends.

        Real hour files hold stretches of NUL bytes with the next event behind them: they are
        ends of lines too.
        """
        if b"\0" in block:
            block = block.replace(b"\0", b"\n")
        lines = (self._rest + block).split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > _LONGEST_LINE:
            self._break()
            self._rest = b""
        for line in lines:
            self._lines += 1
            if not line or line.isspace():
                continue
            self.events += 1
            head = line[:_HEAD]
            if _WANTED_TYPE not in head and (
                _TYPE in head or not any(name in line for name in _WANTED_NAMES)
            ):
                continue
            if self._is_wanted(line):
                self.kept += 1
                self.bytes += len(line)
                yield line + b"\n"

    def _is_wanted(self, line: bytes) -> bool:
        try:
            event = self._decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self._break()
            return False
        if event.type not in _TYPES:
            return False
        issue = event.payload.issue if event.payload else None
        if event.repo is None or not isinstance(issue, _Issue):
            self.textless += 1
            return False
        pull = issue.pull_request is not None and bytes(issue.pull_request) != b"null"
        return self._takes.takes(Placed(event.repo.name, issue.number, issue.created_at, pull))

    def _break(self) -> None:
        self.broken += 1
        self.first_broken = self.first_broken or self._lines


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
