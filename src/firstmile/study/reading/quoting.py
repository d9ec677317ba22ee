"""Text from outside, made inert before it goes into a sentence."""

import unicodedata
from typing import Final

from firstmile.rendering.inert import visible

LONGEST: Final = 160
"""Characters shown of one quoted text."""

_INVISIBLE: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})


def shown(text: str) -> str:
    """Return `visible(text)`, cut at LONGEST."""
    return visible(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")


def quoted(text: str) -> str:
    """Return `shown(text)` in double quotes."""
    return f'"{shown(text)}"'


def invisible(text: str) -> bool:
    """Whether text holds a control, escape, direction mark or other unseen character."""
    return not text.isprintable() and any(
        unicodedata.category(character) in _INVISIBLE for character in text
    )
