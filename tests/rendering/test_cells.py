"""How a value reads in a table."""

import math

import pytest

from firstmile.rendering.cells import cell_text, is_numeric_column
from firstmile.rendering.document import Grid, Value


def shown(value: Value, decimals: int | None = None) -> str:
    kept = None if decimals is None else {0: decimals}
    return cell_text(Grid(id="g", caption="", header=("a",), rows=((value,),), decimals=kept), 0, 0)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (None, None, "not known"),
        (math.nan, 2, "not known"),
        (True, None, "yes"),
        ("text", 2, "text"),
        (1234, None, "1,234"),
        (0.5, 3, "0.500"),
        (-2.25, 1, "−2.2"),
        (0.00001, 4, "<0.0001"),
        (-0.00001, 4, ">−0.0001"),
        (0.4, 0, "<1"),
        (0.0, 2, "0.00"),
        (-0.0, 2, "0.00"),
        (math.inf, 2, "∞"),
        (12.0, None, "12"),
        (0.123456, None, "0.1235"),
    ],
)
def test_value_reads_as_people_write_it(value: Value, decimals: int | None, text: str) -> None:
    assert shown(value, decimals) == text


def test_column_with_a_truth_value_is_no_column_of_numbers() -> None:
    rows = ((1, True), (None, False))
    grid = Grid(id="g", caption="", header=("a", "b"), rows=rows)
    assert is_numeric_column(grid, 0)
    assert not is_numeric_column(grid, 1)
