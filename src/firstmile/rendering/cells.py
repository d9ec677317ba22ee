"""How a value of a grid reads: decimals, true minus signs, and what "not known" looks like."""

from firstmile.rendering.document import Grid

NOT_KNOWN = "not known"


def cell_text(grid: Grid, row: int, column: int) -> str:
    """Return what a reader sees in a cell."""
    value = grid.rows[row][column]
    if value is None:
        return NOT_KNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if value != value:
        return NOT_KNOWN
    return _number(value, (grid.decimals or {}).get(column))


def is_numeric_column(grid: Grid, column: int) -> bool:
    """Tell whether a column holds numbers (and nothing else but "not known")."""
    kinds = {type(row[column]) for row in grid.rows} - {type(None)}
    return bool(kinds) and kinds <= {int, float}


def _number(value: float, decimals: int | None) -> str:
    if isinstance(value, int):
        text = f"{value:,}"
    elif value in (float("inf"), float("-inf")):
        text = "∞" if value > 0 else "-∞"
    elif decimals is None:
        text = f"{value:,.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.4g}"
    else:
        text = f"{value:,.{decimals}f}"
    if value and not text.strip("-0.,"):
        return f"<{text}"[:-1] + "1" if value > 0 else f">−{text.lstrip('-')}"[:-1] + "1"
    if not text.strip("-0.,"):
        text = text.lstrip("-")
    return text.replace("-", "−") if "e" not in text else text
