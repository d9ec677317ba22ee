"""Text from outside, made inert before it goes into a sentence."""

import unicodedata
from typing import Final

LONGEST: Final = 160
"""Characters shown of one quoted text."""

_INVISIBLE: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})


def inert(text: str) -> str:
    """Return text with controls, escapes and direction marks visible."""
    return text if text.isprintable() else "".join(map(_visible, text))


def shown(text: str) -> str:
    """Return `inert(text)`, cut at LONGEST."""
    return inert(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")


def quoted(text: str) -> str:
    """Return `shown(text)` in double quotes."""
    return f'"{shown(text)}"'


def invisible(text: str) -> bool:
    """Whether text holds a control, escape, direction mark or other unseen character."""
    return not text.isprintable() and any(
        unicodedata.category(character) in _INVISIBLE for character in text
    )


def _visible(character: str) -> str:
    """Return a character, or its number where it is not printed (all white space but a blank)."""
    if character.isprintable():
        return character
    place = ord(character)
    if place < 0x100:
        return f"\\x{place:02x}"
    return f"\\u{place:04x}" if place < 0x10000 else f"\\U{place:08x}"
