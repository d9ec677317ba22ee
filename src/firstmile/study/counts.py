"""Tables of counts: the sufficient statistics of most analyses."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from firstmile.study.failures import Column, Failures
from firstmile.taxonomy import Taxonomy, packaged_taxonomy

Dimension = str
"""What counts can be broken down by: one of DIMENSIONS."""

DIMENSIONS: Final = (
    "symptom",
    "symptom_leaf",
    "cause",
    "cause_leaf",
    "stage",
    "series",
    "version",
    "repository",
    "architecture",
    "status",
    "period",
)


class NotKnown(LookupError):  # noqa: N818 - a state of knowledge, not a defect
    """A table that the source cannot give; the message says what would be needed."""


def require_terms(counts: "Counts", codes: Iterable[str]) -> None:
    """Raise NotKnown where the codebook of the counts lacks a term that an answer is about."""
    lacking = [code for code in codes if code not in counts.taxonomy.by_code]
    if lacking:
        raise NotKnown(without_terms(lacking))


def without_terms(codes: Sequence[str]) -> str:
    """Say that the codebook lacks some terms."""
    *first, last = codes
    return (
        f"the codebook has no {', '.join(first)} or {last}"
        if first
        else (f"the codebook has no {last}")
    )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Table:
    """Counts of two dimensions: `counts[i, j]` failures have row code i and column code j.

    `counts` is (len(row_codes), len(column_codes)), int64, or float64 where rows are weighted.
    """

    rows: Dimension
    columns: Dimension
    row_codes: tuple[str, ...]
    column_codes: tuple[str, ...]
    counts: npt.NDArray[np.int64] | npt.NDArray[np.float64]

    @property
    def total(self) -> float:
        """The sum of all cells."""
        return float(self.counts.sum())

    def transposed(self) -> "Table":
        """Return the table with rows and columns exchanged."""
        return Table(
            rows=self.columns,
            columns=self.rows,
            row_codes=self.column_codes,
            column_codes=self.row_codes,
            counts=self.counts.T,
        )

    def without_empty(self) -> "Table":
        """Return the table without rows and columns that hold nothing."""
        rows = self.counts.sum(axis=1) > 0
        columns = self.counts.sum(axis=0) > 0
        return Table(
            rows=self.rows,
            columns=self.columns,
            row_codes=tuple(c for c, keep in zip(self.row_codes, rows, strict=True) if keep),
            column_codes=tuple(
                c for c, keep in zip(self.column_codes, columns, strict=True) if keep
            ),
            counts=self.counts[rows][:, columns],
        )

    def without_column(self, code: str) -> "Table":
        """Return the table without one column."""
        keep = np.array([c != code for c in self.column_codes])
        return Table(
            rows=self.rows,
            columns=self.columns,
            row_codes=self.row_codes,
            column_codes=tuple(c for c in self.column_codes if c != code),
            counts=self.counts[:, keep],
        )

    def cell(self, row: str, column: str) -> float:
        """Return one count."""
        return float(self.counts[self.row_codes.index(row), self.column_codes.index(column)])


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Totals:
    """Counts of one dimension; `counts` is (len(codes),)."""

    dimension: Dimension
    codes: tuple[str, ...]
    counts: npt.NDArray[np.int64] | npt.NDArray[np.float64]


class Counts(ABC):
    """Where tables come from: rows that were read, or published figures."""

    @property
    def taxonomy(self) -> Taxonomy:
        """The codebook that the codes are of."""
        return packaged_taxonomy()

    @property
    @abstractmethod
    def total(self) -> int:
        """The number of failures."""

    @abstractmethod
    def totals(self, dimension: Dimension) -> Totals:
        """Count one dimension; raises NotKnown."""

    @abstractmethod
    def table(self, rows: Dimension, columns: Dimension) -> Table:
        """Count two dimensions; raises NotKnown."""

    @abstractmethod
    def table_without(self, rows: Dimension, columns: Dimension, leaves: Collection[str]) -> Table:
        """Count two dimensions over the failures that carry none of the given leaf codes.

        Raises NotKnown.
        """


class RowCounts(Counts):
    """Counts of labelled rows, each weighted by 1 unless `weights` (one a row) are given."""

    def __init__(
        self, failures: Failures, *, weights: npt.NDArray[np.float64] | None = None
    ) -> None:
        self.failures = failures
        self._weights = weights
        self._tables: dict[tuple[str, str], Table] = {}

    @property
    def taxonomy(self) -> Taxonomy:
        """The codebook of the rows."""
        return self.failures.taxonomy

    @property
    def total(self) -> int:
        """The number of rows."""
        return len(self.failures)

    def totals(self, dimension: Dimension) -> Totals:
        """Count one dimension; rows in which it is not known are left out."""
        column = self._column(dimension)
        known = column.codes >= 0
        weights = None if self._weights is None else self._weights[known]
        counts = np.bincount(column.codes[known], weights, minlength=len(column.categories))
        return Totals(dimension=dimension, codes=column.categories, counts=counts)

    def table(self, rows: Dimension, columns: Dimension) -> Table:
        """Count two dimensions; rows in which either is not known are left out."""
        key = (rows, columns)
        if key not in self._tables:
            self._tables[key] = self._count(rows, columns, None)
        return self._tables[key]

    def table_without(self, rows: Dimension, columns: Dimension, leaves: Collection[str]) -> Table:
        """Count two dimensions over the rows that carry none of the given leaf codes."""
        keep = np.ones(len(self.failures), dtype=bool)
        for name in ("symptom_leaf", "cause_leaf"):
            column = self._column(name)
            drop = [i for i, code in enumerate(column.categories) if code in leaves]
            keep &= ~np.isin(column.codes, drop)
        return self._count(rows, columns, keep)

    def _count(self, rows: str, columns: str, keep: npt.NDArray[np.bool_] | None) -> Table:
        first, second = self._column(rows), self._column(columns)
        known = (first.codes >= 0) & (second.codes >= 0)
        if keep is not None:
            known &= keep
        width = len(second.categories)
        joint = first.codes[known].astype(np.int64) * width + second.codes[known]
        weights = None if self._weights is None else self._weights[known]
        shape = (len(first.categories), width)
        return Table(
            rows=rows,
            columns=columns,
            row_codes=first.categories,
            column_codes=second.categories,
            counts=np.bincount(joint, weights, minlength=shape[0] * shape[1]).reshape(shape),
        )

    def _column(self, dimension: Dimension) -> Column:
        column = (
            _periods(self.failures) if dimension == "period" else self.failures.column(dimension)
        )
        if column is None or not (column.codes >= 0).any():
            wanted = "creation dates" if dimension == "period" else dimension.replace("_", " ")
            raise NotKnown(f"the source has no {wanted} of its failures")
        return column


def _periods(failures: Failures) -> Column | None:
    """Return calendar quarters such as 2024-Q3."""
    if failures.created is None:
        return None
    known = ~np.isnat(failures.created)
    months = failures.created.astype("datetime64[M]").astype(np.int64)
    quarters = np.where(known, months // 3, -1)
    present: Sequence[int] = np.unique(quarters[known]).tolist()
    names = tuple(f"{1970 + quarter // 4}-Q{quarter % 4 + 1}" for quarter in present)
    codes = np.where(known, np.searchsorted(np.array(present), quarters), -1).astype(np.int32)
    return Column(names, codes)
