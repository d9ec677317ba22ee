"""Finding issues in the index: words, facets, and a page of hits."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import numpy as np

from firstmile.study.facets import NAMES, Facets, Ids
from firstmile.study.search_words import full_text_query

PAGE: Final = 25
MOST_HITS: Final = 10_000
"""Hits that are looked at; a search with more says so."""


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for: words, and at most one value of each facet."""

    words: str = ""
    repository: str = ""
    state: str = ""
    year: str = ""
    place: str = ""
    label: str = ""
    page: int = 1


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One issue that was found; `missing` counts comments that its source did not hold."""

    url: str
    repository: str
    number: int
    title: str
    excerpt: str
    state: str
    created: str
    comments: int
    missing: int
    place: str


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A page of hits, their number, and what each facet would leave.

    `is_cut` says that only MOST_HITS of the hits were looked at, so that counts are of those.
    """

    hits: tuple[Hit, ...]
    total: int
    is_cut: bool
    facets: Mapping[str, tuple[tuple[str, int], ...]]


def find(
    connection: sqlite3.Connection,
    search: Search,
    facets: Facets,
    labels: Sequence[tuple[str, int]],
) -> Found:
    """Return a page of hits: those with the words in their title first, then the newest.

    Where hits were cut off the newest come first: looking for titles would take as long again.
    """
    query = full_text_query(search.words)
    wanted = {name: getattr(search, name) for name in NAMES}
    rows, is_cut = _rows(connection, search, query, facets)
    kept = facets.kept(rows, wanted)
    newest = facets.newest
    chosen = newest[kept[newest]] if rows is None else facets.by_age(rows[kept])
    if query and not is_cut:
        in_title = _matched(connection, f"title : ({query})", facets)
        is_in_title = np.isin(chosen, in_title)
        chosen = np.concatenate([chosen[is_in_title], chosen[~is_in_title]])
    start = (min(max(search.page, 1), MOST_HITS // PAGE) - 1) * PAGE
    ids = facets.ids[chosen[start : start + PAGE]].tolist()
    return Found(
        hits=_hits(connection, ids),
        total=len(chosen),
        is_cut=is_cut,
        facets={**facets.counts(rows, wanted), "label": tuple(labels)},
    )


def _rows(
    connection: sqlite3.Connection, search: Search, query: str, facets: Facets
) -> tuple[Ids | None, bool]:
    """Return the rows that words and label leave (None: all), and whether some were cut off."""
    with_label = facets.rows_with(connection, search.label) if search.label else None
    if not query:
        return (np.empty(0, dtype=np.int64), False) if search.words.strip() else (with_label, False)
    rows = _matched(connection, query, facets)
    is_cut = len(rows) >= MOST_HITS
    if with_label is not None:
        rows = rows[np.isin(rows, with_label)]
    return rows, is_cut


def _matched(connection: sqlite3.Connection, query: str, facets: Facets) -> Ids:
    """Return the rows that a full-text query finds, MOST_HITS at most.

    Not ordered by SQLite's bm25: that counts every issue with each of the words for every search,
    which takes half a second for two common words.
    """
    # The one thing put in is a constant; the query itself is bound.
    sql = f"SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid DESC LIMIT {MOST_HITS}"  # noqa: S608 - a number of ours
    found = np.fromiter((row[0] for row in connection.execute(sql, (query,))), dtype=np.int64)
    return facets.rows_of(found)


def _hits(connection: sqlite3.Connection, ids: Sequence[int]) -> tuple[Hit, ...]:
    names = ", ".join(Hit.__struct_fields__)
    marks = ", ".join("?" * len(ids))
    sql = f"SELECT id, {names} FROM issues WHERE id IN ({marks})"  # noqa: S608 - constants
    found = {row[0]: row[1:] for row in connection.execute(sql, ids)}
    return tuple(
        Hit(**dict(zip(Hit.__struct_fields__, found[number], strict=True)))
        for number in ids
        if number in found
    )
