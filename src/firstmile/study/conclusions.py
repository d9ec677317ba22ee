"""The conclusions that a study draws from its tables, as yes-or-no statements about any table."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, ndtr

from firstmile.statistics.contingency import adjusted_residuals, chi_square_statistics
from firstmile.statistics.rejection import rejected
from firstmile.study.analyses.pooled_infrastructure import POOL, SYMPTOM
from firstmile.study.counts import Counts, NotKnown, Table
from firstmile.study.names import dimension_name, short_name
from firstmile.study.settings import FloatArray, Settings

Tables = npt.NDArray[np.int64]
Truth = npt.NDArray[np.bool_]

LEVEL: Final = 0.05


def whole(table: Table) -> Tables:
    """Return a table's counts (R, C) as whole numbers."""
    return np.rint(table.counts).astype(np.int64)


class Drawn:
    """Relabelled tables (B, R, C), and what several conclusions ask of them."""

    def __init__(self, tables: Tables, *, level: float) -> None:
        self.tables = tables
        self._level = level

    @cached_property
    def residuals(self) -> FloatArray:
        """The adjusted residuals of every table."""
        return adjusted_residuals(self.tables)

    @cached_property
    def standing(self) -> Truth:
        """Which cells stand out in each table, after Benjamini-Hochberg."""
        p = 2 * ndtr(-np.abs(self.residuals))
        return rejected(p.reshape(len(p), -1), level=self._level).reshape(self.tables.shape)


Holds = Callable[[Drawn], Truth]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """A yes-or-no statement about tables: `holds` maps B drawn tables to (B,)."""

    id: str
    says: str
    table: Table
    holds: Holds
    is_cell: bool = False


def conclusions(counts: Counts, settings: Settings) -> list[list[Conclusion]]:
    """Return the conclusions that a study draws, grouped by the table that they speak of."""
    groups = []
    for first, second, build in (
        ("symptom", "cause", _of_symptom_by_cause),
        ("series", "cause", _of_groups),
        ("series", "symptom", _of_groups),
        ("stage", "cause", _of_stage_by_cause),
        ("stage", "symptom", _of_groups),
    ):
        try:
            table = counts.table(first, second)
        except NotKnown:
            continue
        # Categories that nothing carries stay: relabelling may fill them.
        groups.append(build(table, settings))
    return [group for group in groups if group]


def _of_symptom_by_cause(table: Table, settings: Settings) -> list[Conclusion]:
    observed = Drawn(whole(table)[None], level=settings.false_discovery_rate)
    found = [
        _association(table),
        _largest(table, "symptom"),
        _largest(table, "cause"),
    ]
    if SYMPTOM in table.row_codes and set(POOL) <= set(table.column_codes):
        found.append(
            Conclusion(
                id="crash-points-to-pooled-infrastructure",
                says="Crashes point to environment, distributed and hardware causes, pooled",
                table=table,
                holds=_pooled_odds(table),
            )
        )
    standing, residuals = observed.standing[0], observed.residuals[0]
    for i, j in sorted(np.argwhere(standing).tolist(), key=lambda at: -abs(residuals[tuple(at)])):
        more = bool(residuals[i, j] > 0)
        row, column = table.row_codes[i], table.column_codes[j]
        found.append(
            Conclusion(
                id=f"{row}-with-{column}",
                says=f"{short_name(table.rows, row)} with {short_name(table.columns, column)}: "
                f"{'more' if more else 'less'} than chance",
                table=table,
                holds=_cell_stands(i, j, more=more),
                is_cell=True,
            )
        )
    return found


def _of_groups(table: Table, settings: Settings) -> list[Conclusion]:
    found = [_association(table)]
    if table.rows == "series":
        codes = table.row_codes
        found += [
            Conclusion(
                id=f"{table.columns}-{codes[i]}-differs-from-{codes[j]}",
                says=f"{codes[i]} and {codes[j]} differ in "
                f"{dimension_name(table.columns, plural=True)}",
                table=table,
                holds=_rows_differ([i, j]),
            )
            for i in range(len(codes))
            for j in range(i + 1, len(codes))
        ]
    return found


def _of_stage_by_cause(table: Table, settings: Settings) -> list[Conclusion]:
    stages, causes = ("fine-tuning", "inference"), ("configuration", "environment")
    if not (set(stages) <= set(table.row_codes) and set(causes) <= set(table.column_codes)):
        return _of_groups(table, settings)
    fine, inference = (table.row_codes.index(code) for code in stages)
    return [
        *_of_groups(table, settings),
        Conclusion(
            id="configuration-more-in-fine-tuning",
            says="Configuration errors are a larger part of fine-tuning than of inference",
            table=table,
            holds=_share_is_larger(table.column_codes.index("configuration"), fine, inference),
        ),
        Conclusion(
            id="environment-more-in-inference",
            says="Environment issues are a larger part of inference than of fine-tuning",
            table=table,
            holds=_share_is_larger(table.column_codes.index("environment"), inference, fine),
        ),
    ]


def _association(table: Table) -> Conclusion:
    rows_name, columns_name = dimension_name(table.rows), dimension_name(table.columns)
    return Conclusion(
        id=f"{table.rows}-goes-with-{table.columns}",
        says=f"{rows_name.capitalize()} and {columns_name} are associated",
        table=table,
        holds=_rows_differ(list(range(len(table.row_codes)))),
    )


def _largest(table: Table, axis: str) -> Conclusion:
    sums = table.counts.sum(axis=1 if axis == table.rows else 0)
    codes = table.row_codes if axis == table.rows else table.column_codes
    place = int(np.argmax(sums))

    def holds(drawn: Drawn) -> Truth:
        tables = drawn.tables
        totals = tables.sum(axis=2 if axis == table.rows else 1).astype(float)
        others = np.delete(totals, place, axis=1).max(axis=1)
        n = totals.sum(axis=1)
        lead = (totals[:, place] - others) / n
        error = np.sqrt(np.maximum((totals[:, place] + others) / n - lead**2, 0) / n)
        return np.asarray(lead > _Z * error)

    return Conclusion(
        id=f"{codes[place]}-is-the-largest-{axis}",
        says=f"{short_name(axis, codes[place])} is the most frequent {dimension_name(axis)}",
        table=table,
        holds=holds,
    )


_Z: Final = 1.959963984540054
"""The normal quantile of a two-sided test at LEVEL."""


def _cell_stands(i: int, j: int, *, more: bool) -> Holds:
    def holds(drawn: Drawn) -> Truth:
        return np.asarray(drawn.standing[:, i, j] & ((drawn.residuals[:, i, j] > 0) == more))

    return holds


def _rows_differ(places: list[int]) -> Holds:
    def holds(drawn: Drawn) -> Truth:
        tables = drawn.tables
        chosen = tables[:, places]
        filled = (chosen.sum(axis=1) > 0).sum(axis=1), (chosen.sum(axis=2) > 0).sum(axis=1)
        freedom = (filled[0] - 1) * (filled[1] - 1)
        statistic = np.asarray(chi_square_statistics(chosen))
        return np.asarray((freedom > 0) & (chdtrc(np.maximum(freedom, 1), statistic) < LEVEL))

    return holds


def _share_is_larger(column: int, first: int, second: int) -> Holds:
    def holds(drawn: Drawn) -> Truth:
        tables = drawn.tables
        totals = tables.sum(axis=2).astype(float)
        filled = (totals[:, first] > 0) & (totals[:, second] > 0)
        n, m = np.maximum(totals[:, first], 1), np.maximum(totals[:, second], 1)
        a, b = tables[:, first, column] / n, tables[:, second, column] / m
        pooled = (tables[:, first, column] + tables[:, second, column]) / (n + m)
        error = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
        return np.asarray(filled & (a - b > _Z * error))

    return holds


def _pooled_odds(table: Table) -> Holds:
    row = table.row_codes.index(SYMPTOM)
    columns = [table.column_codes.index(code) for code in POOL]

    def holds(drawn: Drawn) -> Truth:
        tables = drawn.tables
        inside = tables[:, :, columns].sum(axis=2).astype(float)
        outside = tables.sum(axis=2) - inside
        # Half a failure is added to each of the four cells, so that none is empty (Haldane 1955).
        a, b = inside[:, row] + 0.5, outside[:, row] + 0.5
        c, d = inside.sum(axis=1) - a + 1, outside.sum(axis=1) - b + 1
        log_odds = np.log(a * d / (b * c))
        return np.asarray(log_odds > _Z * np.sqrt(1 / a + 1 / b + 1 / c + 1 / d))

    return holds
