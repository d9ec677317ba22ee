"""Two dimensions of a study crossed: the association and how it reads."""

from typing import Final

from firstmile.rendering.document import Figure, Grid
from firstmile.study.association import SPARSE, Association, Cell
from firstmile.study.estimates import count_of, in_percent, p_value, with_interval
from firstmile.study.names import dimension_name, full_name, name_of
from firstmile.study.pictures import profile_figure, residual_figure

GROUPS: Final = (
    "series",
    "stage",
    "version",
    "repository",
    "architecture",
    "status",
    "period",
    "source",
)


def association_sentence(result: Association) -> str:
    """Say the test and the effect size of a table."""
    permuted = (
        ""
        if result.permutation_p is None
        else f", by permutation {p_value(result.permutation_p)}, which counts here: "
        f"{result.sparse_cells} of {result.all_cells} expected counts are below {SPARSE}"
    )
    rows, columns = dimension_name(result.rows), dimension_name(result.columns)
    strength = (
        "cannot be measured with so few failures"
        if result.corrected_v.estimate is None
        else "has a bias-corrected Cramer's V of " + with_interval(result.corrected_v, decimals=3)
    )
    freedom = result.degrees_of_freedom
    return (
        f"The association of {rows} and {columns} {strength} "
        f"(chi-square {result.chi_square:.2f}, {freedom} "
        f"degree{'' if freedom == 1 else 's'} of freedom, "
        f"{p_value(result.p)}{permuted}; n = {count_of(result.n)})."
    )


def cell_sentence(result: Association, cell: Cell) -> str:
    """Say one cell: direction, lift, and the conditional shares that matter.

    Where the columns are groups (series, stages, ...), that is the category's share of the
    group; where they are causes, the shares in both directions.
    """
    row, column = name_of(result.rows, cell.row), name_of(result.columns, cell.column)
    direction = "more" if cell.residual > 0 else "less"
    evidence = (
        f"{count_of(cell.count)} against {cell.expected:.1f} expected "
        f"(lift {with_interval(cell.lift)}, {p_value(cell.q, name='q')})"
    )
    if result.columns in GROUPS:
        return (
            f"{row} is {direction} frequent than chance in {column}: {evidence}, "
            f"{in_percent(cell.share_of_column)} of its failures."
        )
    return (
        f"{row} comes with {column} {direction} often than chance: {evidence}; "
        f"{in_percent(cell.share_of_row)} of the former has this cause, and "
        f"{in_percent(cell.share_of_column)} of the latter shows this symptom."
    )


def significance_sentence(result: Association) -> str:
    """Say how many cells stand out, and of which family they were corrected."""
    return (
        f"{len(result.significant)} of the {result.family} cells differ from independence "
        f"(adjusted residuals, Benjamini-Hochberg over this family of {result.family} cells)."
    )


def crosstab_sentences(result: Association, *, cells: int = 3) -> tuple[str, ...]:
    """Say the association, the family of cells and the strongest of them."""
    spoken = list(result.significant)
    if len(result.column_codes) == 2:
        spoken = [cell for cell in spoken if cell.column == result.column_codes[0]]
    return (
        association_sentence(result),
        significance_sentence(result),
        *(cell_sentence(result, cell) for cell in spoken[:cells]),
    )


def crosstab_grids(result: Association, prefix: str) -> tuple[Grid, ...]:
    """Return the table of counts, and the table of all cells with their statistics."""
    rows, columns = dimension_name(result.rows), dimension_name(result.columns)
    counts = tuple(
        (
            name_of(result.rows, row),
            *(result.cell(row, column).count for column in result.column_codes),
            sum(result.cell(row, column).count for column in result.column_codes),
        )
        for row in result.row_codes
    )
    names = tuple(name_of(result.columns, column) for column in result.column_codes)
    cells = tuple(
        (
            name_of(result.rows, cell.row),
            name_of(result.columns, cell.column),
            cell.count,
            cell.expected,
            cell.residual,
            cell.p,
            cell.q,
            cell.lift.estimate,
            cell.lift.low,
            cell.lift.high,
            cell.share_of_row.estimate,
            cell.share_of_row.low,
            cell.share_of_row.high,
            cell.share_of_column.estimate,
            cell.share_of_column.low,
            cell.share_of_column.high,
        )
        for cell in result.cells
    )
    header = (
        rows.capitalize(),
        columns.capitalize(),
        "Failures",
        "Expected",
        "Adjusted residual",
        "p",
        "q",
        "Lift",
        "Lift low",
        "Lift high",
        f"P({columns} | {rows})",
        "Low",
        "High",
        f"P({rows} | {columns})",
        "Low",
        "High",
    )
    return (
        Grid(
            id=f"{prefix}-counts",
            caption=f"Failures by {rows} and {columns}",
            header=(rows.capitalize(), *names, "Sum"),
            rows=counts,
            decimals=dict.fromkeys(range(1, len(names) + 2), 0),
        ),
        Grid(
            id=f"{prefix}-cells",
            caption=f"Every cell of {rows} by {columns}",
            header=header,
            rows=cells,
            decimals={2: 0, 3: 1, 4: 2, 5: 4, 6: 4, **dict.fromkeys(range(7, 16), 3)},
            note="q: Benjamini-Hochberg over all cells of this table.",
        ),
    )


def standing_grid(result: Association, name: str) -> Grid:
    """Return the cells that stand out, under their terms' whole labels (for the finest level)."""
    rows, columns = dimension_name(result.rows), dimension_name(result.columns)
    return Grid(
        id=name,
        caption=f"Cells of {rows} by {columns} that differ from independence",
        header=(
            rows.capitalize(),
            columns.capitalize(),
            "Failures",
            "Expected",
            "Adjusted residual",
            "q",
            "Lift",
            "Lift low",
            "Lift high",
        ),
        rows=tuple(
            (
                full_name(cell.row),
                full_name(cell.column),
                cell.count,
                cell.expected,
                cell.residual,
                cell.q,
                cell.lift.estimate,
                cell.lift.low,
                cell.lift.high,
            )
            for cell in result.significant
        ),
        decimals={2: 0, 3: 1, 4: 2, 5: 4, 6: 2, 7: 2, 8: 2},
    )


def crosstab_figures(
    result: Association, prefix: str, *, profiles: bool = False
) -> tuple[Figure, ...]:
    """Draw the residuals and, where the columns are groups, their profiles before them."""
    first = (profile_figure(result, prefix),) if profiles else ()
    return (*first, residual_figure(result, prefix))
