"""Which column of a file holds what: the roles, and the two sets of names known without asking."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from firstmile.errors import UserError
from firstmile.study.reading.quoting import quoted, shown

LABELS: Final = ("symptom", "cause", "stage")
"""Roles that every record fills."""

ROLES: Final = (
    *LABELS,
    "issue",
    "series",
    "version",
    "repository",
    "architecture",
    "status",
    "created",
    "cluster",
)
"""What a column can hold."""

NUMBER: Final = "number"
"""A number of row or issue, read only to judge it."""

DECIDED_BY: Final = "decided_by"
"""A column of the sets that firstmile publishes: how a row's labels became final."""

BESIDE: Final = (
    *(f"{label}_label" for label in LABELS),
    "closed",
    DECIDED_BY,
    "confidence",
    "title",
    "quote",
)
"""Columns of the sets that firstmile publishes which no table of a report is made of."""

LOOSE: Final = ("cluster", NUMBER)
"""Roles that may hold whole numbers as well as texts."""


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Columns by role; `given` says that the user named them, so each of them must be there."""

    columns: Mapping[str, str]
    given: bool = False

    def column(self, role: str) -> str:
        """Return a role's column."""
        return self.columns[role]


STANDARD: Final = ColumnMap({role: role for role in ROLES})
"""Columns that bear the roles' own names."""

PUBLISHED: Final = ColumnMap(
    {
        "symptom": "SYMPTOM",
        "cause": "ROOT CAUSE",
        "stage": "STAGE",
        "issue": "link",
        "version": "model",
        "architecture": "architecture",
        "status": "status",
        NUMBER: "number",
    }
)
"""The field names of the published set."""


def recognize(names: Iterable[str]) -> ColumnMap:
    """Return the known set of names that fits a file's columns better."""
    present = set(names)
    fits = [sum(m.column(r) in present for r in LABELS) for m in (STANDARD, PUBLISHED)]
    return PUBLISHED if fits[1] > fits[0] else STANDARD


def require_columns(mapping: ColumnMap, names: Iterable[str], file: str) -> dict[str, str]:
    """Return the columns by role that are there; raises UserError where a needed one is not."""
    names = list(names)
    needed = mapping.columns if mapping.given else LABELS
    for role in needed:
        if mapping.column(role) not in names:
            raise UserError(
                f"{shown(file)} has no column {quoted(mapping.column(role))} for the {role}"
                f"{_columns_there(mapping.column(role), names)}; "
                "name the columns in a study.toml."
            )
    columns = {role: column for role, column in mapping.columns.items() if column in names}
    for column in columns.values():
        if names.count(column) > 1:
            raise UserError(f"{shown(file)} has two columns {quoted(column)}; rename one of them.")
    return columns


def nearest(word: str, known: Iterable[str], *, count: int = 1) -> str:
    """Return '; nearest: ...' for a mistyped word, or an empty string."""
    by_folded = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(word.casefold()[:160], by_folded, n=count, cutoff=0.5)
    return f"; nearest: {', '.join(quoted(by_folded[n]) for n in near)}" if near else ""


def _columns_there(wanted: str, names: list[str]) -> str:
    if not names:
        return ""
    hint = nearest(wanted, names)
    there = ", ".join(quoted(name) for name in names[:12])
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return f" (there: {there}{more}{hint})"
