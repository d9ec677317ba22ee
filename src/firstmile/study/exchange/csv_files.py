r"""Labels as CSV: a row a label, safe to open in a spreadsheet, and read back without loss.

A cell that a spreadsheet would run begins with an apostrophe (OWASP, "CSV Injection"), and so
does one that begins with an apostrophe itself. Unseen characters but the line feed are written
as `\x1b`, `\u202e` or `\U000e0001`, and a backslash that would begin such an escape as `\x5c`.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from firstmile.errors import UserError
from firstmile.rendering.inert import visible
from firstmile.rendering.tables import inert_cell
from firstmile.study.exchange.labels import (
    Imported,
    Known,
    RaterLabel,
    once_each,
    read_text,
    round_number,
)
from firstmile.study.reading.mapping import nearest
from firstmile.study.reading.quoting import quoted, shown
from firstmile.taxonomy import Axis

COLUMNS: Final = (
    *("issue", "rater", "symptom", "cause", "stage", "confidence"),
    *("quote", "note", "cannot_tell", "round"),
)
NEEDED: Final = ("issue", "rater")
_OTHER_SIGNS: Final = {";": "semicolons", "\t": "tabs", "|": "bars"}
"""What may stand between cells instead of a comma, with what to call it."""

_LONGEST_CELL: Final = 1_000_000
_ESCAPE: Final = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8}))")


def csv_labels(labels: Iterable[RaterLabel]) -> str:
    """Return labels as CSV (RFC 4180) with a header line, in the order given."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for label in labels:
        value = label.value
        row = (
            label.issue,
            label.rater,
            *(value.symptom or "", value.cause or "", value.stage or ""),
            value.confidence.value,
            value.quote,
            value.note,
            " ".join(value.cannot_tell),
            str(label.round) if label.round else "",
        )
        writer.writerow([cell_of(text) for text in row])
    return out.getvalue()


def read_csv_labels(path: Path, known: Known) -> Imported:
    """Read a CSV file of labels; codes may be given as codes or as published labels.

    Issue, rater and one of the axes are needed, the other columns of `COLUMNS` are not: a missing
    confidence reads as sure. Rows that hold nothing but issue and rater are counted and left
    out; in any other each axis has a code or is one that cannot be told. Raises UserError naming
    file, line and column.
    """
    name = shown(path.name)
    rows = _rows(read_text(path), name)
    first = next(rows, None)
    if first is None:
        raise UserError(f"{name} is empty; it needs a header line ({', '.join(COLUMNS)}).")
    header = [cell.strip() for cell in first[1]]
    _check_header(header, name)
    found: list[tuple[RaterLabel, str]] = []
    without = 0
    for line, row in rows:
        where = f"{name}, line {line}"
        if len(row) != len(header):
            raise UserError(f"{where}: {len(row)} cells where the header has {len(header)}.")
        cells = {column: text_of(cell) for column, cell in zip(header, row, strict=True)}
        label = _label(cells, known, where)
        value = label.value
        said = (value.symptom, value.cause, value.stage, value.quote, value.note)
        if value.cannot_tell or any(said):
            known.check(value, f"{where}, column")
            found.append((label, where))
        else:
            without += 1
    return Imported(labels=once_each(found), without_labels=without)


def _label(cells: dict[str, str], known: Known, where: str) -> RaterLabel:
    value = known.value(
        {axis: cells.get(axis.value, "") for axis in Axis},
        where=where,
        confidence=cells.get("confidence", ""),
        quote=cells.get("quote", ""),
        note=cells.get("note", ""),
        cannot_tell=cells.get("cannot_tell", "").replace(";", " ").replace(",", " ").split(),
    )
    return RaterLabel(
        issue=known.issue(cells["issue"].strip(), where),
        rater=known.rater(cells["rater"].strip(), where),
        value=value,
        round=round_number(cells.get("round", ""), where),
    )


def _rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that hold anything, each with the line that it begins on."""
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begin = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield begin, row
            begin = reader.line_num + 1
    except csv.Error as error:
        raise UserError(f"{name}, line {begin}: this is no CSV ({shown(str(error))}).") from error


def _check_header(header: list[str], name: str) -> None:
    if len(header) == 1:
        for sign, called in _OTHER_SIGNS.items():
            if set(NEEDED) <= {cell.strip() for cell in header[0].split(sign)}:
                raise UserError(
                    f"{name} is divided by {called}, as some spreadsheets write it; save it as "
                    "CSV divided by commas, in UTF-8."
                )
    for column in header:
        if column not in COLUMNS:
            raise UserError(
                f"{name} has the unknown column {quoted(column)}; it can be {', '.join(COLUMNS)}"
                f"{nearest(column, COLUMNS)}."
            )
        if header.count(column) > 1:
            raise UserError(f"{name} has two columns {quoted(column)}; remove one of them.")
    missing = [column for column in NEEDED if column not in header]
    if not any(axis.value in header for axis in Axis):
        missing.append("symptom, cause or stage")
    if missing:
        raise UserError(f"{name} lacks the column {missing[0]}.")


def cell_of(text: str) -> str:
    """Return a text as a cell: unseen characters spelled out, and nothing a spreadsheet runs."""
    parts = []
    for place, character in enumerate(text):
        if character == "\n" or (character != "\\" and visible(character) == character):
            parts.append(character)
        elif character == "\\":
            parts.append("\\x5c" if _escaped(text, place) else "\\")
        else:
            parts.append(_spelled(character))
    cell = "".join(parts)
    return f"'{cell}" if cell.startswith("'") or _runs(cell) else cell


def text_of(cell: str) -> str:
    """Return the text of a cell; what `cell_of` wrote reads back as it was."""
    if cell.startswith("'") and (cell[1:].startswith("'") or _runs(cell[1:])):
        cell = cell[1:]
    return _ESCAPE.sub(lambda found: _decoded(found) or found[0], cell)


def _runs(cell: str) -> bool:
    return inert_cell(cell) != visible(cell)


def _spelled(character: str) -> str:
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _escaped(text: str, place: int) -> bool:
    """Whether the backslash at a place would be read as the begin of an escape."""
    found = _ESCAPE.match(text, place)
    return found is not None and _decoded(found) is not None


def _decoded(found: re.Match[str]) -> str | None:
    """Return the character of an escape that `cell_of` writes; None for any other."""
    code = int(found[1] or found[2] or found[3], 16)
    if code > 0x10FFFF:
        return None
    character = chr(code)
    if character == "\\":
        return character
    if character == "\n" or visible(character) == character or _spelled(character) != found[0]:
        return None
    return character
