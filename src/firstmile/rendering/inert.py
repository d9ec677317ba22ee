"""Text from outside, made harmless for whoever reads it."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Final

_NAMED: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_JOINERS: Final = frozenset("\u200c\u200d")
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

_ACTIVE: Final = frozenset("\\`*_[]#|~@&")
"""Characters that Markdown, tables, mentions or references to issues give a meaning.

Parentheses and exclamation marks have one beside brackets alone; bare addresses are broken apart.
"""
_WWW: Final = re.compile(r"(?i)\b(www)\.")
"""How an address without a scheme begins, which GitHub Flavored Markdown links (section 6.9)."""


def visible(text: str) -> str:
    """Return the text on one line with everything unseen spelled out: ESC becomes `\\x1b`.

    Control characters, bidirectional overrides (Trojan Source, CVE-2021-42574), zero-width and
    tag characters, lone surrogates and line separators become escapes. The two joiners that
    Persian and emoji need stay. Applying it twice changes nothing.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_spelled, text))


def _spelled(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    if character in _JOINERS or unicodedata.category(character) not in _HIDDEN:
        return character
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def in_html(text: str) -> str:
    """Return text of one or several lines for a page: neither an element nor anything unseen."""
    import html

    return html.escape("\n".join(visible(line) for line in str(text).split("\n")))


def in_markdown(text: str) -> str:
    """Return text in which nothing is markup, a mention, an address or HTML."""
    spelled = "".join(f"\\{one}" if one in _ACTIVE else one for one in visible(text))
    spelled = spelled.replace("<", "&lt;").replace(">", "&gt;").replace("://", "\\://")
    return _WWW.sub(r"\1\\.", spelled)


def with_code(text: str, words: Callable[[str], str], code: Callable[[str], str]) -> str:
    """Return a text of ours, in which what stands between backquotes is code.

    `words` and `code` make the pieces inert; a backquote that has no other stands for itself.
    """
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return words(text)
    return "".join(
        (code(part) if part else "") if place % 2 else words(part)
        for place, part in enumerate(parts)
    )


def fenced(lines: Sequence[str], *, language: str = "") -> list[str]:
    """Return a block of code for Markdown, with a fence longer than any run of backquotes in it.

    What is in the lines must be visible.
    """
    longest = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{language}", *lines, fence]
