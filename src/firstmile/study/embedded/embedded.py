"""Counts from published figures: what the tables hold, and what they do not."""

import csv
import hashlib
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from firstmile.study.counts import Counts, Dimension, NotKnown, Table, Totals
from firstmile.study.reading.provenance import Provenance, ReadFile
from firstmile.taxonomy import Axis, Taxonomy, load_taxonomy

Integers = npt.NDArray[np.int64]

_AXES: Final = ("symptom", "cause")


class EmbeddedCounts(Counts):
    """Counts of published tables.

    `partial` names the dimensions of which the figures cover a part, and says which part; in
    their tables the other failures count as not known, as in `RowCounts`. `by_stage` holds the
    counts over stages of those leaves whose names name a stage.
    """

    def __init__(
        self,
        tables: Iterable[Table],
        totals: Iterable[Totals],
        *,
        by_stage: Mapping[str, Integers],
        provenance: Provenance,
        partial: Mapping[Dimension, str],
    ) -> None:
        self.provenance = provenance
        self.partial = dict(partial)
        self._tables = {(table.rows, table.columns): table for table in tables}
        self._totals = {total.dimension: total for total in totals}
        self._by_stage = dict(by_stage)
        _check(self)

    @property
    def total(self) -> int:
        """The number of failures."""
        return self.provenance.records

    def totals(self, dimension: Dimension) -> Totals:
        """Count one dimension, from its own figures or as the margin of a table."""
        if dimension in self._totals:
            return self._totals[dimension]
        for table in self._tables.values():
            for one in (table, table.transposed()):
                if one.rows == dimension:
                    counts = one.counts.sum(axis=1)
                    return Totals(dimension=dimension, codes=one.row_codes, counts=counts)
        raise NotKnown(f"needs the rows: the published figures hold no {_words(dimension)}")

    def table(self, rows: Dimension, columns: Dimension) -> Table:
        """Count two dimensions; raises NotKnown where no such table was published."""
        if (rows, columns) in self._tables:
            return self._tables[rows, columns]
        if (columns, rows) in self._tables:
            return self._tables[columns, rows].transposed()
        raise NotKnown(
            "needs the rows: the published figures hold no table of "
            f"{_words(rows)} by {_words(columns)}"
        )

    def table_without(self, rows: Dimension, columns: Dimension, leaves: Collection[str]) -> Table:
        """Count two dimensions over the failures that carry none of the given leaf codes.

        Known where the leaves make up whole classes of one of the dimensions, or where the
        other dimension is the stage and a leaf's name names one; raises NotKnown otherwise.
        """
        counts: Integers = np.array(self.table(rows, columns).counts, dtype=np.int64)
        for dimension in _AXES:
            dropped = {leaf: n for leaf, n in self._leaves(dimension) if leaf in leaves and n}
            if not dropped:
                continue
            if dimension == rows:
                self._drop(counts, dimension, columns, dropped)
            elif dimension == columns:
                self._drop(counts.T, dimension, rows, dropped)
            else:
                raise NotKnown(
                    f"needs the rows: the published figures hold no table of {_words(rows)} by "
                    f"{_words(columns)} without some of the {_words(dimension)} leaves"
                )
        whole = self.table(rows, columns)
        return Table(
            rows=rows,
            columns=columns,
            row_codes=whole.row_codes,
            column_codes=whole.column_codes,
            counts=counts,
        )

    def _drop(
        self, counts: Integers, dimension: Dimension, other: Dimension, dropped: Mapping[str, int]
    ) -> None:
        """Take leaves out of a table, in place; `counts` has the leaves' classes as rows."""
        classes = self.totals(dimension).codes
        for place, code in enumerate(classes):
            mine = [leaf for leaf in dropped if leaf.split("/")[0] == code]
            held = {leaf for leaf, n in self._leaves(dimension) if leaf.split("/")[0] == code and n}
            if mine and set(mine) == held:
                counts[place] = 0
                continue
            for leaf in mine:
                if other != "stage" or leaf not in self._by_stage:
                    name = load_taxonomy().term(leaf).name
                    raise NotKnown(
                        "needs the rows: the published figures do not say how the failures with "
                        f'"{name}" are spread over {_words(other)}'
                    )
                counts[place] -= self._by_stage[leaf]

    def _leaves(self, dimension: Dimension) -> Iterator[tuple[str, int]]:
        totals = self._totals[f"{dimension}_leaf"]
        return zip(totals.codes, totals.counts.tolist(), strict=True)


def read_embedded() -> EmbeddedCounts:
    """Read the packaged figures and check that they agree with one another."""
    return read_figures(files("firstmile.study.embedded"))


def read_figures(folder: Traversable) -> EmbeddedCounts:
    """Read a folder of figures; raises ValueError where they contradict one another."""
    taxonomy = load_taxonomy()
    about = tomllib.loads((folder / "published.toml").read_text(encoding="utf-8"))
    tables, totals, read = [], [], []
    by_stage: dict[str, Integers] = {}
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        name, dot, suffix = item.name.rpartition(".")
        if not dot or suffix != "csv":
            continue
        data = item.read_bytes()
        grid = list(csv.reader(data.decode().splitlines()))
        read.append(_read_file(item.name, data, len(grid) - 1))
        rows, by, columns = name.partition("_by_")
        if rows == "leaf":
            by_stage = _by_stage(grid, taxonomy)
        elif by:
            tables.append(_table(rows, columns, grid, taxonomy))
        else:
            totals.append(_total(rows, grid, taxonomy))
    provenance = Provenance(
        kind="embedded",
        name=about["title"],
        format="published figures",
        files=tuple(read),
        records=about["failures"],
        url=about["url"],
        fetched_at=about["snapshot"],
    )
    return EmbeddedCounts(
        tables, totals, by_stage=by_stage, provenance=provenance, partial=about["partial"]
    )


def _read_file(name: str, data: bytes, records: int) -> ReadFile:
    sha256 = hashlib.sha256(data).hexdigest()
    return ReadFile(name=name, sha256=sha256, bytes=len(data), records=records)


def _table(rows: str, columns: str, grid: list[list[str]], taxonomy: Taxonomy) -> Table:
    header, *lines = grid
    return Table(
        rows=rows,
        columns=columns,
        row_codes=_codes(rows, [line[0] for line in lines], taxonomy),
        column_codes=_codes(columns, header[1:], taxonomy),
        counts=np.array([line[1:] for line in lines], dtype=np.int64),
    )


def _total(dimension: str, grid: list[list[str]], taxonomy: Taxonomy) -> Totals:
    lines = grid[1:]
    return Totals(
        dimension=dimension,
        codes=_codes(dimension, [line[0] for line in lines], taxonomy),
        counts=np.array([line[1] for line in lines], dtype=np.int64),
    )


def _by_stage(grid: list[list[str]], taxonomy: Taxonomy) -> dict[str, Integers]:
    _codes("stage", grid[0][1:], taxonomy)
    return {line[0]: np.array(line[1:], dtype=np.int64) for line in grid[1:]}


def _codes(dimension: str, codes: list[str], taxonomy: Taxonomy) -> tuple[str, ...]:
    """Return codes that are as `RowCounts` has them; raises ValueError otherwise."""
    name, _, leaf = dimension.partition("_")
    expected: Any = sorted(codes)
    if name in tuple(Axis):
        terms = taxonomy.leaves(Axis(name)) if leaf else taxonomy.classes(Axis(name))
        expected = [term.code for term in terms]
    if codes != expected:
        raise ValueError(f"the codes of {dimension} are {codes}, not {expected}")
    return tuple(codes)


def _check(counts: EmbeddedCounts) -> None:
    """Raise ValueError where margins of two tables, or a sum and the total, differ."""
    margins: dict[str, list[Integers]] = {}
    for (rows, columns), table in counts._tables.items():
        margins.setdefault(rows, []).append(table.counts.sum(axis=1))
        whole = not {rows, columns} & set(counts.partial)
        if whole:
            margins.setdefault(columns, []).append(table.counts.sum(axis=0))
        if whole and table.total != counts.total:
            raise ValueError(f"{rows} by {columns} sums to {table.total:g}, not {counts.total}")
    for name, totals in counts._totals.items():
        dimension = name.removesuffix("_leaf")
        sums: dict[str, int] = {}
        for code, count in zip(totals.codes, totals.counts.tolist(), strict=True):
            top = code.split("/")[0]
            sums[top] = sums.get(top, 0) + count
        margins.setdefault(dimension, []).append(np.array(list(sums.values()), dtype=np.int64))
        for code, count in zip(totals.codes, totals.counts.tolist(), strict=True):
            if code in counts._by_stage and counts._by_stage[code].sum() != count:
                raise ValueError(f"the figures disagree about {code}")
    for dimension, found in margins.items():
        if any(not np.array_equal(margin, found[0]) for margin in found):
            raise ValueError(f"the figures disagree about the totals of {dimension}: {found}")


def _words(dimension: Dimension) -> str:
    return dimension.replace("_", " ")
