"""Labelled failures as columns, one code a row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Final

import numpy as np
import numpy.typing as npt

from firstmile.taxonomy import Axis, Taxonomy, packaged_taxonomy

Codes = npt.NDArray[np.int32]

REQUIRED: Final = ("symptom_leaf", "cause_leaf", "stage")
"""Columns that every labelled set has."""

OPTIONAL: Final = ("issue", "repository", "version", "series", "architecture", "status", "cluster")
"""Columns that a labelled set may have; `version` is what the source calls one."""


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A categorical column: `categories[codes[i]]` is row i's value, -1 is not known."""

    categories: tuple[str, ...]
    codes: Codes

    @classmethod
    def of(cls, values: Sequence[str | None], order: Sequence[str] = ()) -> "Column":
        """Encode values; categories come in `order` first, then sorted."""
        seen = {value for value in values if value is not None}
        categories = (*(c for c in order), *sorted(seen - set(order)))
        place = {category: code for code, category in enumerate(categories)}
        codes = np.fromiter(
            (-1 if value is None else place[value] for value in values),
            dtype=np.int32,
            count=len(values),
        )
        return cls(tuple(categories), codes)

    def take(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> "Column":
        """Return the column of some rows, with the same categories."""
        return Column(self.categories, self.codes[rows])

    def values(self) -> list[str | None]:
        """Return the rows' values."""
        return [None if code < 0 else self.categories[code] for code in self.codes.tolist()]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Failures:
    """Labelled rows as columns of equal length.

    `columns` holds the required columns (`symptom_leaf` and `cause_leaf` hold codes of the
    finest term known, `stage` a stage code) and those optional ones that the source has.
    `created` is the day each issue was opened (datetime64[D], NaT where not known) or None.
    `taxonomy` is the codebook that the codes are of.
    """

    columns: Mapping[str, Column]
    created: npt.NDArray[np.datetime64] | None = None
    taxonomy: Taxonomy = field(default_factory=packaged_taxonomy)

    def __post_init__(self) -> None:
        lengths = {len(column.codes) for column in self.columns.values()}
        if self.created is not None:
            lengths.add(len(self.created))
        missing = [name for name in REQUIRED if name not in self.columns]
        if missing or len(lengths) > 1:
            raise ValueError(f"columns missing: {missing}, lengths: {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.columns["stage"].codes)

    def take(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> "Failures":
        """Return some rows, in the given order."""
        return replace(
            self,
            columns={name: column.take(rows) for name, column in self.columns.items()},
            created=None if self.created is None else self.created[rows],
        )

    def column(self, name: str) -> Column | None:
        """Return a column, `symptom` and `cause` being the classes of the leaves."""
        if name in ("symptom", "cause"):
            return _classes_of(self.columns[f"{name}_leaf"], Axis(name), self.taxonomy)
        return self.columns.get(name)


def merge(parts: Sequence[Failures]) -> Failures:
    """Join rows of one codebook, in their order; a column that one part lacks is not known there.

    The categories of optional columns are sorted, as readers sort them, so that the order of the
    sources changes nothing.
    """
    names = [name for name in (*REQUIRED, *OPTIONAL) if any(name in p.columns for p in parts)]
    columns: dict[str, Column] = {}
    for name in names:
        held = (part.columns[name].categories for part in parts if name in part.columns)
        order = list(dict.fromkeys(chain.from_iterable(held)))
        if name in OPTIONAL:
            order.sort()
        place = {category: code for code, category in enumerate(order)}
        chunks = []
        for part in parts:
            own = part.columns.get(name)
            if own is None:
                chunks.append(np.full(len(part), -1, dtype=np.int32))
                continue
            translate = np.array([place[c] for c in own.categories] + [-1], dtype=np.int32)
            chunks.append(translate[own.codes])
        columns[name] = Column(tuple(order), np.concatenate(chunks))
    created = None
    if any(part.created is not None for part in parts):
        blank = np.datetime64("NaT", "D")
        created = np.concatenate(
            [np.full(len(p), blank) if p.created is None else p.created for p in parts]
        )
    return Failures(columns=columns, created=created, taxonomy=parts[0].taxonomy)


def _classes_of(leaves: Column, axis: Axis, taxonomy: Taxonomy) -> Column:
    classes = tuple(term.code for term in taxonomy.classes(axis))
    place = {code: index for index, code in enumerate(classes)}
    translate = np.array([place[leaf.split("/")[0]] for leaf in leaves.categories] + [-1], np.int32)
    return Column(classes, translate[leaves.codes])
