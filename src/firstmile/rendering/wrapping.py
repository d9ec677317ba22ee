"""Text broken into lines of a terminal."""

import re
import textwrap
import unicodedata
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from firstmile.rendering.inert import visible

_HELD: Final = "\ue000"
"""A space that is not to be broken; what is visible has no such character of its own."""
_CODE: Final = re.compile(r"(`[^`]+`)")
_MARKER: Final = re.compile(r"(?:[-*+]|\d{1,3}[.)])\s+")
_FENCE: Final = re.compile(r"`{3,}|~{3,}")
_OF_CODE: Final = 4
"""Columns by which Markdown tells code from prose (CommonMark 0.31, section 4.4)."""


def wrapped(text: str, *, indent: str = "", width: int) -> list[str]:
    """Break text to a width; links and long words stay whole.

    White space becomes single spaces, and what would act on the terminal is spelled out.
    """
    return hanging(text, first=indent, rest=indent, width=width)


def hanging(text: str, *, first: str, rest: str, width: int) -> list[str]:
    """Break text to a width, with one indentation of the first line and another of the rest."""
    return _broken(visible(" ".join(text.split())), first, rest, width)


def _with_code_whole(text: str, first: str, rest: str, width: int) -> list[str]:
    """Break text and leave whole what stands between backquotes: it is there to be copied."""
    words = "".join(
        part.replace(" ", _HELD) if place % 2 else part
        for place, part in enumerate(_CODE.split(visible(" ".join(text.split()))))
    )
    return [line.replace(_HELD, " ") for line in _broken(words, first, rest, width)]


def _broken(words: str, first: str, rest: str, width: int) -> list[str]:
    return textwrap.wrap(
        words,
        width=max(width, len(first) + 20, len(rest) + 20),
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def fitted(markdown: str, *, indent: str = "", width: int) -> list[str]:
    """Return Markdown for a terminal: prose and lists broken to a width, code as it stands."""
    lines: list[str] = []
    for first, rest, text in _pieces(markdown.expandtabs(4).split("\n")):
        if rest is None:
            lines.append(f"{indent}{first}{visible(text)}" if text else "")
        else:
            lines += _with_code_whole(text, indent + first, indent + rest, width)
    return lines


def _pieces(lines: list[str]) -> Iterator[tuple[str, str | None, str]]:
    """Yield paragraphs and list items with their indentations, and lines of code, of tables and
    blank ones, which have none for a second line.
    """
    prose: list[str] = []
    first = rest = ""
    fence = ""
    after_blank = True
    for line in lines:
        text = line.strip()
        depth = len(line) - len(line.lstrip())
        opened = _FENCE.match(text)
        marker = _MARKER.match(text)
        is_code = after_blank and not prose and depth >= len(rest) + _OF_CODE
        stands = bool(fence or opened or not text or is_code or text.startswith(("|", "#")))
        if prose and (stands or marker):
            yield first, rest, " ".join(prose)
            prose = []
        if stands:
            yield " " * depth, None, text
            if opened and (not fence or text == fence):
                fence = "" if fence else opened[0]
            after_blank = not text or is_code
            continue
        if marker:
            first = " " * depth
            rest = " " * (depth + marker.end())
        elif not prose:
            first = rest = " " * min(depth, len(rest))
        prose.append(text)
        after_blank = False
    if prose:
        yield first, rest, " ".join(prose)


def shortened(text: str, room: int) -> str:
    """Return text of at most so many columns, of a longer one its beginning and its end."""
    if columns(text) <= room:
        return text
    end = max(room - 3, 2) // 3
    beginning = _that_fits(text, max(room - end - 3, 1))
    ending = "".join(reversed(_that_fits(text[::-1], end)))
    return f"{beginning.rstrip()} … {ending.lstrip()}"


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes: two for each wide character."""
    return len(text) if text.isascii() else sum(map(_columns_of, text))


def _columns_of(character: str) -> int:
    """Return the columns of a character (Unicode Standard Annex 11)."""
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _that_fits(text: str, room: int) -> str:
    """Return as much of the beginning of a text as so many columns hold."""
    for place, taken in enumerate(accumulate(map(_columns_of, text))):
        if taken > room:
            return text[:place]
    return text
