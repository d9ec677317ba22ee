"""Grids as CSV for spreadsheets and programs, and as LaTeX for papers."""

import csv
import io
import re
from pathlib import Path
from typing import Final

from firstmile.rendering.cells import cell_text, is_numeric_column
from firstmile.rendering.document import Document, Grid, Value, all_grids
from firstmile.rendering.files import write_whole
from firstmile.rendering.inert import visible

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

_LATEX_NEEDS: Final = (
    "% needs \\usepackage[T1]{fontenc} and \\usepackage{booktabs,longtable,textcomp}; scripts other"
    " than Latin need LuaLaTeX"
)
_LONGEST_FLOAT: Final = 40
_LONGEST_LINE: Final = 40

_LIGATURES: Final = re.compile(r"([-,])(?=\1)")
"""Two hyphens would become a dash, two commas a quotation mark."""

_LATEX: Final = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
    "−": "$-$",
    "–": r"\textendash{}",
    "—": r"\textemdash{}",
    "×": r"$\times$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "∞": r"$\infty$",
    "χ": r"$\chi$",
    "²": "$^2$",
    "κ": r"$\kappa$",
    "\u00a0": r"\nobreakspace{}",
}


def write_tables(document: Document, folder: Path) -> tuple[Path, ...]:
    """Write every grid of a document as `<id>.csv` and `<id>.tex`; return the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for grid in all_grids(document):
        for ending, text in ((".csv", csv_text(grid)), (".tex", latex_text(grid))):
            path = folder / f"{grid.id}{ending}"
            write_whole(path, text)
            written.append(path)
    return tuple(written)


def csv_text(grid: Grid) -> str:
    """Return a grid as RFC 4180 comma-separated values with its header line.

    Numbers are written in full; None is an empty cell. Text that a spreadsheet would take for
    a formula begins with an apostrophe (OWASP, "CSV Injection").
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([inert_cell(name) for name in grid.header])
    for row in grid.rows:
        writer.writerow([_csv_cell(value) for value in row])
    return out.getvalue()


def inert_cell(text: str) -> str:
    """Return text that no spreadsheet runs: a formula gets a leading apostrophe."""
    shown = visible(text)
    looks_like_formula = text.lstrip(" ").startswith(_FORMULA_STARTS)
    return f"'{shown}" if looks_like_formula else shown


def _csv_cell(value: Value) -> str | int | float:
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return inert_cell(value)
    return value


def latex_text(grid: Grid) -> str:
    """Return a grid as a LaTeX table in the style of booktabs, labelled `tab:<id>`.

    One with many rows breaks over pages. The first line names the packages it needs.
    """
    columns = range(len(grid.header))
    shape = "".join(_latex_column(grid, column) for column in columns)
    head = _latex_row([latex_escaped(name) for name in grid.header])
    body = [
        _latex_row([latex_escaped(cell_text(grid, row, column)) for column in columns])
        for row in range(len(grid.rows))
    ]
    caption = f"\\caption{{{latex_escaped(grid.caption)}}}\\label{{tab:{grid.id}}}"
    note = [f"\\par\\smallskip{{\\footnotesize {latex_escaped(grid.note)}}}"] if grid.note else []
    if len(grid.rows) > _LONGEST_FLOAT:
        lines = [
            f"\\begin{{longtable}}{{{shape}}}",
            f"{caption}\\\\",
            *("\\toprule", head, "\\midrule", "\\endhead", "\\bottomrule", "\\endfoot"),
            *body,
            "\\end{longtable}",
            *note,
        ]
    else:
        lines = [
            *("\\begin{table}[htbp]", "\\centering", caption, f"\\begin{{tabular}}{{{shape}}}"),
            *("\\toprule", head, "\\midrule", *body, "\\bottomrule", "\\end{tabular}"),
            *note,
            "\\end{table}",
        ]
    return "\n".join([_LATEX_NEEDS, *lines, ""])


def _latex_row(cells: list[str]) -> str:
    return f"{' & '.join(cells)} \\\\"


def _latex_column(grid: Grid, column: int) -> str:
    if is_numeric_column(grid, column):
        return "r"
    longest = max((len(str(row[column])) for row in grid.rows), default=0)
    return "p{0.3\\linewidth}" if longest > _LONGEST_LINE else "l"


def latex_escaped(text: str) -> str:
    """Return text that LaTeX sets as it stands, whatever characters it has."""
    escaped = "".join(_LATEX.get(character, character) for character in visible(text))
    return _LIGATURES.sub(r"\1{}", escaped)
