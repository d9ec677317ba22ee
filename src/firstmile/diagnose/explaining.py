"""Explaining: whether a text is a page that explains something to everybody, and tells of no run.

A codebook, a list of words or a handbook names more failures than any log, and none of them
happened.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

from firstmile.diagnose.complaining import is_a_page
from firstmile.diagnose.ending import ends_badly
from firstmile.diagnose.raised import Raised
from firstmile.diagnose.reading import Line
from firstmile.redaction.rule import Late

_LONGEST: Final = 4_000
_FEWEST_LINES: Final = 25
_FEWEST_HEADINGS: Final = 3
_TITLE: Final = re.compile(
    r"# (?:change ?log|release notes|what['’]s new|history|faqs?|frequently asked questions|"
    r"常见问题|更新日志|发布说明)\W*$",
    re.IGNORECASE,
)
"""Titles of pages that nobody gives to a report."""
_LISTED: Final = re.compile(r"\s*(?:[-*+>] |\||#{1,6} |\d{1,3}\. )")
_LISTED_SHARE: Final = 0.6
"""Of the lines of a page, headings, items and rows: a report is told in sentences and logs."""
_LONGEST_MESSAGE: Final = 12
"""Words of a line that a program may have written; a page tells of errors in longer ones."""
_OF_A_PROGRAM: Final = Late(r"^[\w.:/\[\]-]{1,60}: (?:[Ee]rror|ERROR|fatal|[Ff]ailed)\b")
_OF_A_PERSON: Final = Late(r"\b(?:I|I'm|I've|my|My|me)\b|[?？]\s*$|请问|怎么办")


def explains(
    lines: Sequence[Line], raised: Sequence[Raised], complains: Callable[[], bool]
) -> bool:
    """Say whether lines are a long page that explains; `complains` is asked where it matters.

    What stands in items and rows is an example: a question or a word of oneself there is nobody's.
    Below a list of versions a line of a process that fails is none.
    """
    if raised or not is_a_page(lines):
        return False
    if _TITLE.match(next((line.text for line in lines if line.text.strip()), "")):
        return True
    if len(lines) < _FEWEST_LINES:
        return False
    headings = sum(line.text.startswith("#") for line in lines)
    if headings >= _FEWEST_HEADINGS and not complains():
        return True
    said = [line for line in lines if line.text.strip()]
    plain = [line for line in said if not _LISTED.match(line.text[:_LONGEST])]
    if len(said) - len(plain) < _LISTED_SHARE * len(said):
        return False
    return not any(_OF_A_PERSON.search(line.text[:_LONGEST]) or _fails(line) for line in plain)


def _fails(line: Line) -> bool:
    if len(line.text.split()) > _LONGEST_MESSAGE:
        return False
    return ends_badly(line) or _OF_A_PROGRAM.search(line.text[:_LONGEST]) is not None
