"""The facets of all issues as small arrays: counted and filtered without touching a row."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

NAMES: Final = ("repository", "state", "year", "place")


class Facets:
    """One row an issue, in the order of their numbers in the index."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._codes: dict[str, npt.NDArray[np.int32]] = {}
        self._values: dict[str, list[str]] = {}
        self.ids: Ids = _column(connection, "SELECT id FROM issues ORDER BY id")
        created = _column(
            connection,
            "SELECT COALESCE(CAST(strftime('%s', created) AS INTEGER), 0) FROM issues ORDER BY id",
        )
        self.newest: Ids = np.argsort(created, kind="stable")[::-1]
        """Places of the rows, the issue that was opened last first."""
        self._age = np.empty(len(created), dtype=np.int64)
        self._age[self.newest] = np.arange(len(created))
        for name in NAMES:
            # Column names cannot be bound, and NAMES holds constants.
            values = [row[0] for row in connection.execute(f"SELECT DISTINCT {name} FROM issues")]  # noqa: S608 - a column of ours
            places = {value: place for place, value in enumerate(values)}
            rows = connection.execute(f"SELECT {name} FROM issues ORDER BY id")  # noqa: S608 - a column of ours
            self._values[name] = values
            self._codes[name] = np.fromiter(
                (places[row[0]] for row in rows), dtype=np.int32, count=len(self.ids)
            )
        self._labels: dict[str, Ids] = {}

    def rows_of(self, ids: Ids) -> Ids:
        """Return the rows of issues' numbers, in the order given; numbers of none are left out."""
        if not len(self.ids):
            return np.empty(0, dtype=np.int64)
        rows = np.searchsorted(self.ids, ids)
        rows[rows == len(self.ids)] = 0
        kept: Ids = rows[self.ids[rows] == ids]
        return kept

    def rows_with(self, connection: sqlite3.Connection, label: str) -> Ids:
        """Return the rows of issues with a maintainers' label, sorted."""
        if label not in self._labels:
            if len(self._labels) > 20:
                self._labels.clear()
            ids = _column(connection, "SELECT id FROM labels WHERE label = ?", (label,))
            self._labels[label] = np.sort(self.rows_of(ids))
        return self._labels[label]

    def kept(self, rows: Ids | None, wanted: Mapping[str, str]) -> Mask:
        """Return which rows (None: all) have all the wanted values; empty ones want nothing."""
        count = len(self.ids) if rows is None else len(rows)
        mask = np.ones(count, dtype=np.bool_)
        for name, value in wanted.items():
            if value:
                codes = self._codes[name] if rows is None else self._codes[name][rows]
                mask &= codes == self._code(name, value)
        return mask

    def counts(
        self, rows: Ids | None, wanted: Mapping[str, str]
    ) -> dict[str, tuple[tuple[str, int], ...]]:
        """Count each facet's values under what is wanted of all other facets."""
        found = {}
        for name in NAMES:
            mask = self.kept(rows, {**wanted, name: ""})
            codes = self._codes[name] if rows is None else self._codes[name][rows]
            counts = np.bincount(codes[mask], minlength=len(self._values[name]))
            pairs = [
                (value, int(count))
                for value, count in zip(self._values[name], counts, strict=True)
                if count and value
            ]
            by_count = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
            found[name] = tuple(sorted(pairs, reverse=True) if name == "year" else by_count)
        return found

    def by_age(self, rows: Ids) -> Ids:
        """Return rows with the issue that was opened last first."""
        sorted_rows: Ids = rows[np.argsort(self._age[rows])]
        return sorted_rows

    def move(self, ids: Sequence[int], places: Sequence[str]) -> None:
        """Say that issues stand elsewhere now."""
        for number, place in zip(ids, places, strict=True):
            code = self._code("place", place)
            if code < 0:
                code = len(self._values["place"])
                self._values["place"] = [*self._values["place"], place]
            self._codes["place"][self.rows_of(np.array([number]))] = code

    def _code(self, name: str, value: str) -> int:
        try:
            return self._values[name].index(value)
        except ValueError:
            return -1


def _column(connection: sqlite3.Connection, sql: str, values: tuple[str | int, ...] = ()) -> Ids:
    rows = connection.execute(sql, values)
    return np.fromiter((row[0] for row in rows), dtype=np.int64)
