"""A full-text index of the store with its facets, in one SQLite file that can be made again.

An issue's row and its words carry the same number. An issue that changed gets a new number, and
the words under the old one are left behind without a row, since an index without content cannot
take words back; once too many are left behind, the whole index is made anew.
"""

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from firstmile.study.excerpts import excerpt_of
from firstmile.study.facets import Facets
from firstmile.study.issues import Issue
from firstmile.study.reading.quoting import shown
from firstmile.study.search_words import indexed
from firstmile.study.searching import Found, Search, find
from firstmile.study.store import Store

FILE: Final = "index.sqlite"
FORMAT: Final = 3
TEXT_CEILING: Final = 100_000
"""Characters of a description, and of all comments together, whose words can be found."""

_NOT_ITS_OWN: Final = ("full", "locked", "readonly", "unable to open")
"""Words of SQLite for what keeps an index that is sound from being written."""

_LEFT_BEHIND: Final = 0.25
_BATCH: Final = 2_000
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS issues (
  id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, repository TEXT NOT NULL,
  number INTEGER NOT NULL, title TEXT NOT NULL, excerpt TEXT NOT NULL, state TEXT NOT NULL,
  year TEXT NOT NULL, created TEXT NOT NULL, comments INTEGER NOT NULL,
  missing INTEGER NOT NULL,
  place TEXT NOT NULL DEFAULT '', digest BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS labels (
  label TEXT NOT NULL, created TEXT NOT NULL, id INTEGER NOT NULL,
  PRIMARY KEY (label, created, id)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(
  title, body, comments, content='', tokenize="unicode61 remove_diacritics 2"
);
"""
_INDEXES: Final = """
CREATE INDEX IF NOT EXISTS by_repository ON issues (repository);
"""


class SearchIndex:
    """The index of a store's folder; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._local = threading.local()
        self._lock = threading.Lock()
        self._generation = 0
        self._opened: list[sqlite3.Connection] = []
        self._facets: Facets | None = None
        self._labels: list[tuple[str, int]] = []
        self._made_of = ""

    def close(self) -> None:
        """Close the connections of all threads."""
        self._generation += 1
        while self._opened:
            self._opened.pop().close()

    def refresh(self, store: Store, *, say: Callable[[str], None] = lambda _line: None) -> bool:
        """Bring the index up to the store; return whether anything changed.

        A damaged index, or one of another format, is made anew. Raises sqlite3.DatabaseError
        where it cannot be written.
        """
        version = f"{FORMAT} {store.version()}"
        with self._lock:
            if version == self._made_of:
                return False
            try:
                changed = self._bring_up(store, version, say)
                self._count()
            except sqlite3.DatabaseError as error:
                # To make it anew would not help: neither a full disk nor a folder that is closed
                # is the index's own.
                if any(word in str(error) for word in _NOT_ITS_OWN):
                    raise
                self._remove()
                changed = self._bring_up(store, version, say)
                self._count()
            self._made_of = version
            return changed

    def place_all(self, places: Mapping[str, str]) -> None:
        """Write down where every issue stands in the study."""
        with self._lock:
            connection = self._connection()
            held = dict(connection.execute("SELECT url, place FROM issues"))
            changed = [(p, url) for url, p in places.items() if held.get(url, p) != p]
            with connection:
                connection.executemany("UPDATE issues SET place = ? WHERE url = ?", changed)
            if changed:
                self._count()

    def place(self, places: Mapping[str, str]) -> None:
        """Write down where some issues stand now."""
        with self._lock:
            connection = self._connection()
            moved: list[tuple[int, str]] = []
            with connection:
                for url, place in places.items():
                    row = connection.execute(
                        "SELECT id, place FROM issues WHERE url = ?", (url,)
                    ).fetchone()
                    if row is not None and row[1] != place:
                        moved.append((row[0], place))
                connection.executemany(
                    "UPDATE issues SET place = ? WHERE id = ?", [(p, n) for n, p in moved]
                )
            if moved and self._facets is not None:
                self._facets.move([n for n, _place in moved], [place for _n, place in moved])

    def search(self, search: Search) -> Found:
        """Return a page of hits."""
        connection = self._connection()
        with self._lock:
            if self._facets is None:
                self._count()
            facets = self._facets
        assert facets is not None
        return find(connection, search, facets, self._labels)

    def names(self, urls: Iterable[str]) -> Mapping[str, tuple[str, str]]:
        """Return titles and short names (owner/name#1) by address, of issues that it has."""
        connection = self._connection()
        sql = "SELECT title, repository || '#' || number FROM issues WHERE url = ?"
        rows = {url: connection.execute(sql, (url,)).fetchone() for url in urls}
        return {url: row for url, row in rows.items() if row is not None}

    def _connection(self) -> sqlite3.Connection:
        """Return this thread's connection."""
        held: tuple[int, sqlite3.Connection] | None = getattr(self._local, "held", None)
        if held is None or held[0] != self._generation:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            made = sqlite3.connect(self._path, timeout=60, check_same_thread=False)
            self._opened.append(made)
            made.executescript(
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
                f"PRAGMA cache_size = -65536; PRAGMA mmap_size = {1 << 31};"
            )
            made.executescript(_SCHEMA)
            self._local.held = held = (self._generation, made)
        return held[1]

    def _remove(self) -> None:
        self.close()
        for ending in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + ending).unlink(missing_ok=True)

    def _bring_up(self, store: Store, version: str, say: Callable[[str], None]) -> bool:
        meta = self._meta()
        if meta.get("version") == version:
            return False
        if meta and (meta.get("format") != str(FORMAT) or self._is_worn(meta)):
            self._remove()
            meta = self._meta()
        connection, there = self._connection(), store.repositories()
        for name in there:
            stamp = _stamp(store, name)
            if meta.get(f"of {name}") == stamp:
                continue
            say(f"Indexing {shown(name)}")
            with connection:
                self._index(connection, store, name)
                connection.execute(
                    "INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"of {name}", stamp)
                )
        with connection:
            for name in [key[3:] for key in meta if key.startswith("of ") and key[3:] not in there]:
                self._forget(connection, "repository = ?", (name,))
                connection.execute("DELETE FROM meta WHERE name = ?", (f"of {name}",))
            connection.executescript(_INDEXES)
            for name, value in (("format", str(FORMAT)), ("version", version)):
                connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))
        connection.execute("PRAGMA optimize")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return True

    def _meta(self) -> dict[str, str]:
        return dict(self._connection().execute("SELECT name, value FROM meta"))

    def _is_worn(self, meta: Mapping[str, str]) -> bool:
        count = self._connection().execute("SELECT count(*) FROM issues").fetchone()[0]
        return bool(int(meta.get("left behind", "0")) > _LEFT_BEHIND * max(count, 1_000))

    def _index(self, connection: sqlite3.Connection, store: Store, name: str) -> None:
        held = {
            url: (number, digest)
            for url, number, digest in connection.execute(
                "SELECT url, id, digest FROM issues WHERE repository = ?", (name,)
            )
        }
        number = connection.execute("SELECT value FROM meta WHERE name = 'next'").fetchone()
        following = int(number[0]) if number else 1
        gone = set(held)
        batch: list[tuple[Issue, bytes]] = []
        for issue in store.issues(repositories=[name]):
            digest = _digest(issue)
            gone.discard(issue.url)
            known = held.get(issue.url)
            if known is not None and known[1] == digest:
                continue
            if known is not None:
                gone.add(issue.url)
            batch.append((issue, digest))
            if len(batch) == _BATCH:
                self._drop(connection, gone & {one.url for one, _digest in batch}, held)
                following = _insert(connection, batch, following)
                gone -= {one.url for one, _digest in batch}
                batch = []
        self._drop(connection, gone, held)
        following = _insert(connection, batch, following)
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('next', ?)", (str(following),))

    def _drop(
        self,
        connection: sqlite3.Connection,
        urls: set[str],
        held: Mapping[str, tuple[int, bytes]],
    ) -> None:
        for url in urls:
            self._forget(connection, "id = ?", (held[url][0],))

    def _forget(self, connection: sqlite3.Connection, where: str, values: tuple[Any, ...]) -> None:
        # `where` is one of two texts of this module; what an issue says is bound.
        connection.execute(
            f"DELETE FROM labels WHERE id IN (SELECT id FROM issues WHERE {where})",  # noqa: S608 - the condition is ours, its values are bound
            values,
        )
        count = connection.execute(f"DELETE FROM issues WHERE {where}", values).rowcount  # noqa: S608 - the condition is ours, its values are bound
        connection.execute(
            "INSERT INTO meta VALUES ('left behind', ?) ON CONFLICT (name) DO UPDATE SET "
            "value = CAST(value AS INTEGER) + ?",
            (str(count), count),
        )

    def _count(self) -> None:
        connection = self._connection()
        self._facets = Facets(connection)
        self._labels = connection.execute(
            "SELECT label, count(*) FROM labels GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 30"
        ).fetchall()


def _insert(
    connection: sqlite3.Connection, batch: list[tuple[Issue, bytes]], following: int
) -> int:
    rows, words, labels = [], [], []
    for place, (issue, digest) in enumerate(batch):
        number = following + place
        created = issue.created_at or ""
        title = " ".join(issue.title.split())[:300]
        counts = (len(issue.comments), issue.missing_comments)
        shape = (issue.state, created[:4], created, *counts, digest)
        excerpt = excerpt_of(issue.body)
        rows.append((number, issue.url, issue.repository, issue.number, title, excerpt, *shape))
        said = "\n".join(_within(comment.body for comment in issue.comments))
        words.append((number, *map(indexed, (issue.title[:2000], issue.body[:TEXT_CEILING], said))))
        labels += [(label, created, number) for label in set(issue.labels)]
    connection.executemany(
        "INSERT INTO issues (id, url, repository, number, title, excerpt, state, year, created, "
        "comments, missing, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    connection.executemany(
        "INSERT INTO words (rowid, title, body, comments) VALUES (?, ?, ?, ?)", words
    )
    connection.executemany("INSERT OR IGNORE INTO labels VALUES (?, ?, ?)", labels)
    return following + len(batch)


def _within(texts: Iterator[str]) -> Iterator[str]:
    left = TEXT_CEILING
    for text in texts:
        if left <= 0:
            return
        yield text[:left]
        left -= len(text)


def _digest(issue: Issue) -> bytes:
    return hashlib.blake2b(
        msgspec.json.encode(msgspec.structs.replace(issue, fetched_at=None)), digest_size=12
    ).digest()


def _stamp(store: Store, repository: str) -> str:
    """Return a text that changes with a repository's file."""
    try:
        found = (store.folder / (repository.replace("/", "+") + ".parquet")).stat()
    except OSError:
        return ""
    return f"{found.st_mtime_ns} {found.st_size}"
