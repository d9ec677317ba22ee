"""CSV that no spreadsheet runs and LaTeX that sets what is written."""

import csv
import io
import math
import re
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firstmile.rendering.document import Document, Grid, Value, all_grids
from firstmile.rendering.inert import visible
from firstmile.rendering.tables import (
    _LATEX,
    csv_text,
    inert_cell,
    latex_escaped,
    latex_text,
    write_tables,
)
from rendering import samples

VALUES = st.one_of(
    st.text(max_size=20), st.integers(), st.floats(allow_nan=False), st.none(), st.booleans()
)


def grid_of(*rows: tuple[Value, ...]) -> Grid:
    header = tuple(f"column {n}" for n in range(len(rows[0])))
    return Grid(id="g", caption="A caption", header=header, rows=rows)


def read(grid: Grid) -> list[list[str]]:
    return list(csv.reader(io.StringIO(csv_text(grid), newline=""), strict=True))


@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=5))
def test_csv_reads_back_as_it_was(rows: list[tuple[Value, Value]]) -> None:
    back = read(grid_of(*rows))[1:]
    assert len(back) == len(rows)
    for row, cells in zip(rows, back, strict=True):
        for value, cell in zip(row, cells, strict=True):
            if isinstance(value, bool):
                assert cell == ("yes" if value else "no")
            elif isinstance(value, int | float):
                assert float(cell) == pytest.approx(float(value), rel=1e-15)
            elif value is None:
                assert cell == ""
            else:
                assert cell.removeprefix("'") == visible(value).removeprefix("'")


@given(st.text(min_size=1))
def test_text_never_starts_a_formula(text: str) -> None:
    assert not inert_cell(text).lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " ="])
def test_formula_is_marked_as_text(start: str) -> None:
    assert inert_cell(f"{start}cmd()").startswith("'")


def test_negative_number_stays_a_number() -> None:
    assert read(grid_of((-1.5, -3)))[1] == ["-1.5", "-3"]


def test_not_a_number_is_an_empty_cell() -> None:
    assert read(grid_of((math.nan, None)))[1] == ["", ""]


def test_csv_lines_end_as_the_standard_says() -> None:
    text = csv_text(grid_of(("a,b", 'say "hi"')))
    assert text == 'column 0,column 1\r\n"a,b","say ""hi"""\r\n'


def test_spreadsheet_holds_text_where_there_was_a_formula() -> None:
    sheet = openpyxl.Workbook().active
    assert sheet is not None
    for row in read(grid_of(("=1+1", 2.0))):
        sheet.append(row)
    assert sheet["A2"].data_type == "s"


UNESCAPE = {form: character for character, form in _LATEX.items() if len(form) > 1}
FORMS = re.compile("|".join(map(re.escape, sorted(UNESCAPE, key=len, reverse=True))))


def unescaped(text: str) -> str:
    return FORMS.sub(lambda m: UNESCAPE[m[0]], text.replace("-{}", "-").replace(",{}", ","))


@given(st.text(alphabet=st.characters(codec="latin-1"), max_size=40))
def test_latex_says_what_was_written(text: str) -> None:
    assert unescaped(latex_escaped(text)) == visible(text)


@given(st.text(max_size=40))
def test_no_special_character_of_latex_survives(text: str) -> None:
    bare = FORMS.sub("", latex_escaped(text).replace("-{}", "").replace(",{}", ""))
    assert not set("\\{}$&#%_^~") & set(bare)


def test_two_hyphens_stay_two_hyphens() -> None:
    assert latex_escaped("--a-b,,") == "-{}-a-b,{},"


def test_row_that_starts_with_a_bracket_is_no_option_of_the_row_before() -> None:
    text = latex_text(grid_of(("[1ex]", 1), ("*", 2)))
    assert not [line for line in text.splitlines() if line.startswith(("[", "*"))]


def test_latex_table_has_caption_label_and_rules() -> None:
    text = latex_text(samples.claims())
    assert "\\caption{Claims{,} judged}" in text or "\\caption{Claims, judged}" in text
    assert "\\label{tab:claims}" in text
    assert text.count("\\toprule") == text.count("\\midrule") == text.count("\\bottomrule") == 1
    assert text.count("\\\\\n") == 1 + len(samples.claims().rows)


def test_long_latex_table_breaks_over_pages() -> None:
    text = latex_text(samples.long_table())
    assert "\\begin{longtable}" in text
    assert "\\begin{table}" not in text


def test_every_grid_of_the_document_is_written(document: Document, tmp_path: Path) -> None:
    written = write_tables(document, tmp_path / "tables")
    names = {grid.id for grid in all_grids(document)}
    assert {path.name for path in written} == {f"{n}{e}" for n in names for e in (".csv", ".tex")}
    assert all(path.read_bytes() for path in written)
