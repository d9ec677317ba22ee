"""Finding issues in the index: words, facets, and a page of hits."""

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from firstmile.study.search_words import full_text_query

PAGE: Final = 25
MOST_HITS: Final = 10_000
"""Hits that are looked at; a search with more says so."""

RANKED: Final = 2_000
"""Up to so many hits the best come first, beyond it the newest."""


_FACETS: Final = ("repository", "state", "year", "place")

Cube = Counter[tuple[str, ...]]
"""How many issues have each repository, state, year and place."""


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
    """One issue that was found."""

    url: str
    repository: str
    number: int
    title: str
    excerpt: str
    state: str
    created: str
    comments: int
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
    cube: Cube,
    labels: Sequence[tuple[str, int]],
) -> Found:
    """Return a page of hits; without words the newest come first."""
    query = full_text_query(search.words)
    if search.words.strip() and not query:
        return Found(hits=(), total=0, is_cut=False, facets=_counted(Counter(), search, labels))
    if not query and not search.label:
        return _listed(connection, search, cube, labels)
    inner, values = _inner(query, search.label)
    ids = f"SELECT id FROM ({inner} LIMIT {MOST_HITS})"  # noqa: S608 - constants
    cube = Counter()
    for *key, count in connection.execute(
        f"SELECT repository, state, year, place, count(*) FROM issues WHERE id IN ({ids}) "  # noqa: S608
        "GROUP BY 1, 2, 3, 4",
        values,
    ):
        cube[tuple(key)] = count
    looked_at = sum(cube.values())
    where, more = _where(search)
    total = sum(count for key, count in cube.items() if _fits(key, search))
    if query and looked_at <= RANKED:
        label = " AND i.id IN (SELECT id FROM labels WHERE label = ?)" if search.label else ""
        sql = (
            f"SELECT {_columns('i.')} FROM words JOIN issues i ON i.id = words.rowid "  # noqa: S608
            f"WHERE words MATCH ?{label}{where} ORDER BY bm25(words, 8.0, 2.0, 1.0), "
            "i.id DESC LIMIT ? OFFSET ?"
        )
    else:
        sql = (
            f"SELECT {_columns('i.')} FROM issues i WHERE i.id IN ({ids}){where} "  # noqa: S608
            "ORDER BY i.created DESC, i.id DESC LIMIT ? OFFSET ?"
        )
    rows = connection.execute(sql, (*values, *more, PAGE, _offset(search)))
    return Found(
        hits=tuple(map(_hit, rows)),
        total=total,
        is_cut=looked_at >= MOST_HITS,
        facets=_counted(cube, search, labels),
    )


def _listed(
    connection: sqlite3.Connection,
    search: Search,
    cube: Cube,
    labels: Sequence[tuple[str, int]],
) -> Found:
    where, values = _where(search)
    rows = connection.execute(
        f"SELECT {_columns('i.')} FROM issues i WHERE 1{where} "  # noqa: S608 - constants
        "ORDER BY i.created DESC, i.id DESC LIMIT ? OFFSET ?",
        (*values, PAGE, _offset(search)),
    )
    return Found(
        hits=tuple(map(_hit, rows)),
        total=sum(count for key, count in cube.items() if _fits(key, search)),
        is_cut=False,
        facets=_counted(cube, search, labels),
    )


def _counted(
    cube: Cube, search: Search, labels: Sequence[tuple[str, int]]
) -> Mapping[str, tuple[tuple[str, int], ...]]:
    """Count each facet's values under all other facets that are set."""
    facets: dict[str, tuple[tuple[str, int], ...]] = {}
    for place, facet in enumerate(_FACETS):
        others = msgspec.structs.replace(search, **{facet: ""})
        counts: Counter[str] = Counter()
        for key, count in cube.items():
            if count and key[place] and _fits(key, others):
                counts[key[place]] += count
        order = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        facets[facet] = tuple(sorted(order, reverse=True) if facet == "year" else order)
    facets["label"] = tuple(labels)
    return facets


def _inner(query: str, label: str) -> tuple[str, tuple[str, ...]]:
    """Return the SQL of the ids that words and label leave, and its values."""
    if query and label:
        return (
            "SELECT rowid AS id FROM words WHERE words MATCH ? AND rowid IN "
            "(SELECT id FROM labels WHERE label = ?)"
        ), (query, label)
    if query:
        return "SELECT rowid AS id FROM words WHERE words MATCH ? ORDER BY rowid DESC", (query,)
    return "SELECT id FROM labels WHERE label = ? ORDER BY created DESC", (label,)


def _where(search: Search) -> tuple[str, tuple[str, ...]]:
    parts, values = [], []
    for facet in ("repository", "state", "place"):
        if value := getattr(search, facet):
            parts.append(f" AND i.{facet} = ?")
            values.append(value)
    if search.year:
        parts.append(" AND i.created >= ? AND i.created < ?")
        values += [search.year, f"{search.year}~"]
    return "".join(parts), tuple(values)


def _fits(key: tuple[str, ...], search: Search) -> bool:
    return all(
        not wanted or wanted == value
        for wanted, value in zip(
            (search.repository, search.state, search.year, search.place), key, strict=True
        )
    )


def _offset(search: Search) -> int:
    last = MOST_HITS // PAGE
    return (min(max(search.page, 1), last) - 1) * PAGE


def _columns(prefix: str) -> str:
    return ", ".join(prefix + name for name in Hit.__struct_fields__)


def _hit(row: tuple[Any, ...]) -> Hit:
    return Hit(**dict(zip(Hit.__struct_fields__, row, strict=True)))
