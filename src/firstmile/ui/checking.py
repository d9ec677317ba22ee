"""Judging and telling: a check of one model needs no parser of command lines.

`firstmile check MODEL` is what is typed most. Loading what reads options takes a tenth of it.
"""

import gc
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from firstmile.errors import UserError
from firstmile.rendering.inert import visible
from firstmile.ui.text import WIDEST, bold, dim, terminal_width

if TYPE_CHECKING:
    from firstmile.check.checkup import Checkup

MANY_OBJECTS: Final = 100_000
"""So many more than before are made until Python looks for cycles."""


class Format(StrEnum):
    """The formats of an examination."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"
    SARIF = "sarif"
    JUNIT = "junit"


_ENDINGS: Final = {
    ".json": Format.JSON,
    ".md": Format.MARKDOWN,
    ".html": Format.HTML,
    ".sarif": Format.SARIF,
    ".xml": Format.JUNIT,
}
"""The formats that --out takes by a file's ending, where no --format is given."""


def check_model(model: str) -> NoReturn:
    """Judge a model for this machine, tell what was found, and exit with its status."""
    from firstmile.check import examining

    leave_what_is_made()
    found = examining.check(model, working_folder=Path())
    tell(found, Format.TEXT, None, everything=False)
    sys.exit(found.exit_status)


def leave_what_is_made() -> None:
    """Let Python look for cycles of objects seldom, and not as it ends: all goes with the process.

    What is read and loaded has few, and looking through it takes a tenth of a check.
    """
    gc.set_threshold(MANY_OBJECTS)


def style_of(out: Path | None) -> Format:
    """Return the format that a file's ending asks for; raises UserError for one of none."""
    if out is None or out.suffix.lower() in ("", ".txt", ".log"):
        return Format.TEXT
    style = _ENDINGS.get(out.suffix.lower())
    if style is None:
        known = ", ".join(_ENDINGS)
        raise UserError(
            f"The ending of {visible(str(out))} is of no format: say --format, or take one of "
            f".txt, {known}."
        )
    return style


def tell(found: "Checkup", style: Format, out: Path | None, *, everything: bool) -> None:
    """Print what was found, or write it to a file."""
    from firstmile.check.checkup import plain

    data = plain(found, is_private=out is None and style is Format.TEXT)
    text = told(data, style, everything=everything, on_terminal=out is None)
    if out is None:
        say(text)
        return
    from firstmile.rendering.examination import summary
    from firstmile.rendering.files import write_whole

    write_whole(out, text)
    say(f"Written to {visible(str(out))}. {summary(data)}\n")


def told(data: dict[str, Any], style: Format, *, everything: bool, on_terminal: bool) -> str:
    """Return an examination in one of the formats."""
    if style is Format.JSON:
        from firstmile.rendering.examination_json import as_json

        return as_json(data)
    if style is Format.MARKDOWN:
        from firstmile.rendering.examination_markdown import as_markdown

        return as_markdown(data, all_of_it=everything)
    if style is Format.HTML:
        from firstmile.rendering.examination_page import as_page

        return as_page(data, all_of_it=everything)
    if style is Format.SARIF:
        from firstmile.rendering.sarif import as_sarif

        return as_sarif(data, all_of_it=everything)
    if style is Format.JUNIT:
        from firstmile.rendering.junit import as_junit

        return as_junit(data)
    from firstmile.rendering.examination import as_text

    if not on_terminal:
        return as_text(data, width=WIDEST, all_of_it=everything)
    width = min(WIDEST, terminal_width())
    return as_text(data, width=width, all_of_it=everything, bold=bold, dim=dim)


def say(text: str) -> None:
    """Print a text, so that an output that fails is seen here."""
    sys.stdout.write(text)
    sys.stdout.flush()
