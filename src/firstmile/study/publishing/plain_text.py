"""Text from outside as it may stand in Markdown, YAML and JSON, where it must do nothing."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from firstmile.rendering.inert import visible

_MARKUP: Final = re.compile(r"[\\`*_{}\[\]#|~$!@^]")
_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_LINKS: Final = re.compile(r"(?i)\b(https?|ftp)(?=:)|\bwww(?=\.)")
"""What GitHub and Hugging Face make a link of by themselves (GFM, "Autolinks (extension)")."""

_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9./:?#&=%+,;~_-]+")
_PERHAPS_UNSEEN: Final = re.compile(r"[^ -;=-~\n]")
"""What may need an escape in JSON: `<`, and whatever is not printable ASCII or a line end."""


def markdown(text: str) -> str:
    """Return text, on one line, that Markdown shows as it stands; never a link, tag or formula.

    ASCII punctuation may be escaped by a backslash (CommonMark 0.31, section 2.4), the three
    characters of HTML are written as entities, and a word joiner takes addresses apart. What
    would begin a list or a heading at the start of a line is escaped too.
    """
    shown = visible(" ".join(text.split()))
    escaped = _MARKUP.sub(lambda found: "\\" + found[0], shown)
    if found := re.match(r"[-+=]|\d{1,9}[.)]", escaped):
        escaped = f"{escaped[: found.end() - 1]}\\{escaped[found.end() - 1 :]}"
    for character, entity in _ENTITIES.items():
        escaped = escaped.replace(character, entity)
    return _LINKS.sub(lambda found: f"{found[0]}&#8288;", escaped)


def address(url: str) -> str:
    """Return an address as code, so that it can be copied and nothing makes a link of it.

    One that holds a character which could end the code, or that tables and tags are made of, is
    spelled as other text from outside.
    """
    return f"`{url}`" if _ADDRESS.fullmatch(url) else markdown(url)


def table(header: Sequence[str], rows: Iterable[Sequence[str | int]]) -> list[str]:
    """Return the lines of a Markdown table; texts are Markdown already."""
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    for row in rows:
        cells = (f"{cell:,}" if isinstance(cell, int) else cell for cell in row)
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def yaml(text: str) -> str:
    """Return text as a YAML 1.2 double-quoted scalar on one line (section 7.3.1)."""
    return json.dumps(visible(text), ensure_ascii=False)


def json_text(value: Any, *, indent: int | None = None) -> str:
    """Return a value as JSON in which unseen characters and `<` are written as escapes.

    So a file can be looked at in a terminal and put into a web page's script element.
    """
    separators = (",", ":") if indent is None else None
    text = json.dumps(
        value, ensure_ascii=False, indent=indent, separators=separators, allow_nan=False
    )
    return _PERHAPS_UNSEEN.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    if character != "<" and visible(character) == character:
        return character
    code = ord(character)
    if code <= 0xFFFF:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
