"""What raters decided: appended to one SQLite file, never changed, and read back in many ways."""

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import msgspec

from firstmile.errors import UserError
from firstmile.study.reading.quoting import shown


class Step(StrEnum):
    """What a decision is about.

    SCREEN is the reviewer screen on title and description, VERIFY the in-depth one on the whole
    thread, AUDIT the look at a random sample of what was discarded, LABEL a rater's own labels,
    ADJUDICATE the final ones.
    """

    SCREEN = "screen"
    VERIFY = "verify"
    AUDIT = "audit"
    LABEL = "label"
    ADJUDICATE = "adjudicate"


class Confidence(StrEnum):
    """How sure a rater is of a label."""

    SURE = "sure"
    PROBABLE = "probable"
    GUESS = "guess"


class ScreenValue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether an issue stays in, and for which reason (its id) it does not."""

    include: bool
    reason: str | None = None
    note: str = ""


class LabelValue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rater's labels of one issue: codes, None where the axis is in `cannot_tell`.

    `quote` is the line of the thread that decided it, verbatim. `suggested` holds what a
    classifier proposed on the page, so that anchoring can be studied; None where nothing was.
    """

    symptom: str | None = None
    cause: str | None = None
    stage: str | None = None
    confidence: Confidence = Confidence.SURE
    quote: str = ""
    note: str = ""
    cannot_tell: tuple[str, ...] = ()
    suggested: Mapping[str, str] | None = None


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One decision as it stands on record; `value` is None where an earlier one is withdrawn.

    `issue` is the issue's address, `round` the pilot round (0 outside a pilot), `at` an ISO 8601
    time in UTC, `key` what the sender named it by, so that sending it twice records it once.
    """

    id: int
    issue: str
    step: Step
    rater: str
    value: Mapping[str, Any] | None
    reason: str
    codebook: str
    round: int
    at: str
    key: str


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to the study as a whole, such as a ranking that was frozen."""

    id: int
    name: str
    data: Mapping[str, Any]
    at: str


OWNER_ALONE: Final = 0o600
"""The mode of a file that its owner alone may read."""

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS decisions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  issue TEXT NOT NULL, step TEXT NOT NULL, rater TEXT NOT NULL, value TEXT,
  reason TEXT NOT NULL, codebook TEXT NOT NULL, round INTEGER NOT NULL,
  at TEXT NOT NULL, key TEXT NOT NULL UNIQUE
);
CREATE INDEX IF NOT EXISTS by_step ON decisions (step, issue, rater, id);
CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, data TEXT NOT NULL, at TEXT NOT NULL
);
"""
_FOREVER: Final = "".join(
    f"CREATE TRIGGER IF NOT EXISTS {table}_{verb.lower()} BEFORE {verb} ON {table} "
    f"BEGIN SELECT RAISE(ABORT, 'what was decided is never changed'); END;\n"
    for table in ("decisions", "events")
    for verb in ("UPDATE", "DELETE")
)
COLUMNS: Final = "id, issue, step, rater, value, reason, codebook, round, at, key"
"""What a decision's row holds, in the order of `Decision`'s fields."""


class Decisions:
    """The decisions of a study; safe to use from several threads and processes.

    A decision is on the disk when `append` returns (WAL, synchronous=FULL), so it survives the
    death of the process and of the machine. Only the file's owner can read it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        with self._told():
            _keep_to_owner(path)
            self._connection = sqlite3.connect(
                path, timeout=30, isolation_level=None, check_same_thread=False
            )
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("PRAGMA synchronous = FULL")
                self._connection.executescript(_SCHEMA + _FOREVER)
            except sqlite3.Error:
                self._connection.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Record all of a block or nothing of it, as if nobody else were there.

        What is read in the block is what holds until its end: other threads and processes wait
        with what they want to record. So a block must be short; none can stand within another.
        """
        with self._lock:
            with self._told():
                self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                with self._told():
                    self._connection.execute("COMMIT")
            finally:
                # SQLite itself ends a transaction after some errors, such as a full disk.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def as_of_now(self) -> Iterator[None]:
        """Read in a block what was recorded before it began, whatever others record meanwhile.

        Nobody waits for it: a reader of a WAL keeps to the state that it began with
        ("Write-Ahead Logging", section 2.2). Other threads of this object do, and within it
        nothing can be recorded.
        """
        with self._lock:
            with self._told():
                self._connection.execute("BEGIN")
            try:
                # The state that is kept to is that of the first look.
                self._rows("SELECT max(id) FROM decisions", ())
                yield
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def append(
        self,
        issue: str,
        step: Step,
        rater: str,
        value: ScreenValue | LabelValue | None,
        *,
        codebook: str,
        at: str,
        key: str,
        reason: str = "",
        round: int = 0,  # noqa: A002 - the field's word
    ) -> Decision:
        """Record a decision and return it as it stands on record.

        A `key` that is there already records nothing and returns the earlier decision. Raises
        UserError when the disk is full or the file cannot be written.
        """
        row = (
            issue,
            step.value,
            rater,
            None if value is None else msgspec.json.encode(value).decode(),
            reason,
            codebook,
            round,
            at,
            key,
        )
        with self._lock, self._told():
            self._connection.execute(
                "INSERT INTO decisions (issue, step, rater, value, reason, codebook, round, at, "
                "key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
                row,
            )
            found = self._connection.execute(
                f"SELECT {COLUMNS} FROM decisions WHERE key = ?",  # noqa: S608 - constants
                (key,),
            ).fetchone()
        return decision_of(found)

    def note(self, name: str, data: Mapping[str, Any], *, at: str) -> Event:
        """Record something that happened to the study as a whole."""
        with self._lock, self._told():
            cursor = self._connection.execute(
                "INSERT INTO events (name, data, at) VALUES (?, ?, ?)",
                (name, msgspec.json.encode(data).decode(), at),
            )
            number = cursor.lastrowid or 0
        return Event(id=number, name=name, data=data, at=at)

    def events(self, name: str | None = None) -> list[Event]:
        """Return what happened, oldest first."""
        rows = self._rows(
            "SELECT id, name, data, at FROM events WHERE ? IS NULL OR name = ? ORDER BY id",
            (name, name),
        )
        return [Event(id=r[0], name=r[1], data=msgspec.json.decode(r[2]), at=r[3]) for r in rows]

    def history(
        self, *, issue: str | None = None, step: Step | None = None, rater: str | None = None
    ) -> list[Decision]:
        """Return decisions, oldest first, withdrawn and later overruled ones included."""
        where, values = _where(issue=issue, step=step and step.value, rater=rater)
        # `where` is made of this method's own keyword names; the values are bound.
        rows = self._rows(f"SELECT {COLUMNS} FROM decisions{where} ORDER BY id", values)  # noqa: S608 - the condition is ours, its values are bound
        return [decision_of(row) for row in rows]

    def current(
        self, step: Step, *, rater: str | None = None, issue: str | None = None
    ) -> list[Decision]:
        """Return the latest decision of each rater on each issue, without withdrawn ones."""
        where, values = _where(step=step.value, rater=rater, issue=issue)
        rows = self._rows(
            f"SELECT {COLUMNS} FROM decisions WHERE id IN "  # noqa: S608 - constants
            f"(SELECT max(id) FROM decisions{where} GROUP BY issue, rater) "
            "AND value IS NOT NULL ORDER BY id",
            values,
        )
        return [decision_of(row) for row in rows]

    def first(self, step: Step) -> list[Decision]:
        """Return each rater's first standing decision on each issue, as before any discussion.

        A decision that its rater withdrew before making the next (undo) does not count.
        """
        kept: dict[tuple[str, str], Decision] = {}
        for one in self.history(step=step):
            place = (one.issue, one.rater)
            if one.value is None:
                kept.pop(place, None)
            else:
                kept.setdefault(place, one)
        return sorted(kept.values(), key=lambda one: one.id)

    def _rows(self, sql: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with self._lock, self._told():
            return self._connection.execute(sql, values).fetchall()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what SQLite says into a sentence."""
        try:
            yield
        except sqlite3.Error as error:
            words = str(error)
            if "full" in words:
                advice = "the disk is full: free some space"
            elif "disk I/O" in words:
                advice = "the disk is full or fails: free some space, or look at its health"
            elif "readonly" in words or "unable to open" in words:
                advice = "the file or its folder cannot be written: make them writable"
            elif "locked" in words:
                advice = "another process holds it: close that one"
            elif "not a database" in words or "malformed" in words:
                advice = "the file is damaged: put a copy of it back"
            else:
                advice = words
            raise UserError(
                f"The decisions in {shown(self._path.name)} cannot be used ({advice}); "
                "nothing was recorded."
            ) from error


def _keep_to_owner(path: Path) -> None:
    """Make the file, where there is none, so that its owner alone can read it.

    It holds raters' words under their names. SQLite gives the files beside it (-wal, -shm) the
    mode of this one when it makes them; those an older version left are mended here. A file that
    belongs to somebody else stays as it is. One that is there is not opened: to close it would
    drop the locks that SQLite holds on it elsewhere in this process ("How To Corrupt An SQLite
    Database File", section 2.2).
    """
    with contextlib.suppress(OSError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, OWNER_ALONE))
    for held in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))):
        with contextlib.suppress(OSError):
            if held.stat().st_mode & 0o077:
                held.chmod(OWNER_ALONE)


def _where(**wanted: str | None) -> tuple[str, tuple[str, ...]]:
    given = {name: value for name, value in wanted.items() if value is not None}
    if not given:
        return "", ()
    return " WHERE " + " AND ".join(f"{name} = ?" for name in given), tuple(given.values())


def decision_of(row: tuple[Any, ...]) -> Decision:
    """Return the decision that a row of `COLUMNS` holds."""
    return Decision(
        id=row[0],
        issue=row[1],
        step=Step(row[2]),
        rater=row[3],
        value=None if row[4] is None else msgspec.json.decode(row[4]),
        reason=row[5],
        codebook=row[6],
        round=row[7],
        at=row[8],
        key=row[9],
    )


def label_of(decision: Decision) -> LabelValue:
    """Return the labels that a LABEL or ADJUDICATE decision holds."""
    return msgspec.convert(decision.value, LabelValue)


def screen_of(decision: Decision) -> ScreenValue:
    """Return what a SCREEN, VERIFY or AUDIT decision says."""
    return msgspec.convert(decision.value, ScreenValue)
