"""Records as they were written, and as they were labelled."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from firstmile.findings import Evidence
from firstmile.study.failures import Column, Failures
from firstmile.study.reading.provenance import ReadFile
from firstmile.taxonomy import Axis

Rows = npt.NDArray[np.intp]
Days = npt.NDArray[np.datetime64]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RawFile:
    """One file's columns by role, as written; an empty value is not known (-1).

    `fields` holds the file's own names of the columns by role. `created` holds days where the
    file has typed dates; written dates are in `columns`. `unread` names columns that have no
    role. `published` says that the columns bear the names of the published set. `broken` are the
    records (from 1) of a CSV with a line break in a value.
    """

    read: ReadFile
    columns: Mapping[str, Column]
    fields: Mapping[str, str]
    created: Days | None = None
    unread: tuple[str, ...] = ()
    published: bool = False
    broken: Rows | None = None

    def __len__(self) -> int:
        return self.read.records


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LabelChange:
    """A label that was normalized, by which rules, and the rows (from 0) that carry it."""

    axis: Axis
    written: str
    label: str
    rules: tuple[str, ...]
    rows: Rows


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LabelledFile:
    """One file with its labels as codes.

    `rewritten` are the rows whose link was brought into canonical form, `no_issue` those whose
    link names no GitHub issue.
    """

    raw: RawFile
    failures: Failures
    changes: tuple[LabelChange, ...]
    rewritten: Rows
    no_issue: Rows

    @property
    def name(self) -> str:
        """The file's name, relative to the source."""
        return self.raw.read.name


@dataclass(frozen=True, eq=False, kw_only=True)
class Records:
    """Everything that was read of a source; `failures` are the files' rows in file order.

    `names` are all files that were there, read or not; `whole` says that the source is a folder
    or an archive, so that what is not among `names` does not exist. `named` says that a study.toml
    names the files to read, `generated` that firstmile published them, with the README. `readme`
    is None where none was there.
    """

    files: tuple[LabelledFile, ...]
    failures: Failures
    names: tuple[str, ...] = ()
    hidden: int = 0
    whole: bool = False
    named: bool = False
    generated: bool = False
    readme: str | None = None
    starts: Rows = field(init=False)

    def __post_init__(self) -> None:
        lengths = [len(file.raw) for file in self.files]
        object.__setattr__(self, "starts", np.concatenate([[0], np.cumsum(lengths)]).astype(int))

    def __len__(self) -> int:
        return len(self.failures)

    @property
    def published(self) -> bool:
        """Whether all files bear the column names of the published set."""
        return all(file.raw.published for file in self.files)

    def place(self, row: int) -> tuple[str, int]:
        """Return a row's file and its record in it, counted from 1."""
        file = int(np.searchsorted(self.starts, row, side="right")) - 1
        return self.files[file].name, row - int(self.starts[file]) + 1

    def evidence(self, row: int, text: str) -> Evidence:
        """Quote a row."""
        file, record = self.place(row)
        return Evidence(text=text, file=file, record=record)

    def rows_of(self, parts: Iterable[Rows]) -> Rows:
        """Join rows counted in each file into rows counted over all files."""
        shifted = [part + start for part, start in zip(parts, self.starts[:-1], strict=True)]
        return np.concatenate(shifted) if shifted else np.empty(0, dtype=np.intp)
