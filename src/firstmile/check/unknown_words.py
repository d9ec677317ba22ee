"""Words of a command that its program does not know: how they are told, and what may be meant."""

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from firstmile.check.intent import Unknown
from firstmile.errors import alike, nearest

LONGEST_NAME: Final = 80
"""Characters of a word that is looked up among the known flags: comparing is quadratic."""
_LONGEST_SHOWN: Final = 300
HELP: Final = ("--help", "-h")
_NEAR: Final = 0.8
_SLIP: Final = 0.9
"""How like a known name (difflib's ratio) one is that may be meant for it, and one that must be."""


def as_typed(one: Unknown, word: str) -> Unknown:
    """Return an unknown option in the spelling of whoever typed it, hyphens or underscores."""
    near = one.near
    if near is not None and "_" in word and "-" not in word.lstrip("-"):
        name = near.lstrip("-")
        near = near[: len(near) - len(name)] + name.replace("-", "_")
    return replace(one, written=shown(word[:LONGEST_NAME]), near=near)


def no_command(
    program: str, name: str, known: Iterable[str], *, why: str = "it has no such command"
) -> str:
    """Return what is said of a command within a program that it does not have, or is not read."""
    if name in HELP:
        return of_help(f"{program} {name}")
    near = nearest(name, known, alike=0.6)
    meant = "" if near is None else f"; did you mean {near}?"
    return shown(f"{program} {name} ({why}{meant})")


def of_help(words: str) -> str:
    """Return what is said of words that ask for help."""
    return shown(f"{words} (it prints help, and starts nothing)")


def unknown(kind: str, name: str, known: Iterable[str]) -> Unknown:
    """Return a name that is not among the known ones, with the one that may be meant."""
    near = nearest(name, known, alike=_NEAR)
    is_slip = near is not None and alike(name, near) >= _SLIP
    return Unknown(kind=kind, written=shown(name), near=near, typed=is_slip)


def shown(text: str) -> str:
    """Return words of a command as they are named among what was not understood, cut."""
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 3] + "..."
