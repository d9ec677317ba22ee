"""Command lines taken apart by a table of flags: what was said, and what was not understood."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum, auto
from typing import Any, Final

from firstmile.check.intent import Argument

_TRUE: Final = frozenset(("1", "true", "yes", "y", "t", "on"))
_FALSE: Final = frozenset(("0", "false", "no", "n", "f", "off"))
_SIZES: Final = {"k": 10**3, "m": 10**6, "g": 10**9, "ki": 2**10, "mi": 2**20, "gi": 2**30}


class Takes(Enum):
    """What a flag takes after it."""

    SWITCH = auto()
    """Nothing: it is there or not (`--no-x` says the contrary)."""
    BOOL = auto()
    """A truth value, or nothing, which is true (as Python's own argument classes do)."""
    TEXT = auto()
    INT = auto()
    COUNT = auto()
    """A whole number with a unit: 32k is 32,000, 32K is 32,768."""
    FLOAT = auto()
    JSON = auto()
    LIST = auto()
    """All words up to the next flag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A flag by its names, and the name that its value is kept under."""

    names: tuple[str, ...]
    keeps: str
    takes: Takes = Takes.TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a command line says: values by the names they are kept under, and the rest.

    `unread` holds flags that the table does not have, and values that are not of their kind.
    """

    values: Mapping[str, Any]
    positional: tuple[str, ...]
    arguments: tuple[Argument, ...]
    unread: tuple[str, ...]


def flag(names: str, keeps: str = "", takes: Takes = Takes.TEXT) -> Flag:
    """Return a flag by its names, parted by blanks; it is kept under the first, plainly."""
    parts = tuple(names.split())
    return Flag(names=parts, keeps=keeps or parts[0].lstrip("-").replace("-", "_"), takes=takes)


def take_apart(words: Sequence[str], flags: Sequence[Flag], *, underscores: bool = True) -> Said:
    """Return what a command line says by a table of flags.

    `--flag value` and `--flag=value` are the same. With `underscores` so are `--a-b` and `--a_b`.
    """
    table = {_folded(name, underscores): each for each in flags for name in each.names}
    values: dict[str, Any] = {}
    positional: list[str] = []
    arguments: list[Argument] = []
    unread: list[str] = []
    place = 0
    while place < len(words):
        word = words[place]
        place += 1
        if word == "--":
            positional += words[place:]
            break
        if not _is_flag(word):
            positional.append(word)
            continue
        name, equals, given = word.partition("=")
        folded = _folded(name, underscores)
        known = table.get(folded)
        denied = known is None and folded.startswith("--no-") and "--" + folded[5:] in table
        if denied:
            known = table["--" + folded[5:]]
        if known is None:
            unread.append(_unknown(word, table))
            if not equals and place < len(words) and not _is_flag(words[place]):
                unread[-1] += f" {words[place]}"
                place += 1
            continue
        takes = known.takes
        if takes is Takes.SWITCH or denied:
            value: Any = not denied
            arguments.append(Argument(written=name, name=known.keeps, value=None))
        elif takes is Takes.LIST:
            listed = [given] if equals else []
            while not equals and place < len(words) and not _is_flag(words[place]):
                listed.append(words[place])
                place += 1
            value = tuple(listed)
            arguments.append(Argument(written=name, name=known.keeps, value=" ".join(listed)))
        else:
            bare = not equals and (place >= len(words) or _is_flag(words[place]))
            if takes is Takes.BOOL and (bare or (not equals and _truth(words[place]) is None)):
                text = "true"
            elif bare:
                unread.append(f"{name} (it needs a value)")
                continue
            elif equals:
                text = given
            else:
                text = words[place]
                place += 1
            value = _value(text, takes)
            arguments.append(Argument(written=name, name=known.keeps, value=text))
            if value is None:
                unread.append(f"{name} {text} (not a value of its kind)")
                continue
        values[known.keeps] = value
    return Said(
        values=values,
        positional=tuple(positional),
        arguments=tuple(arguments),
        unread=tuple(unread),
    )


def _is_flag(word: str) -> bool:
    """Tell a flag from a value: a negative number is a value."""
    return len(word) > 1 and word[0] == "-" and not word[1].isdigit() and word[:2] != "-."


def _folded(name: str, underscores: bool) -> str:
    return name.replace("_", "-") if underscores else name


def _unknown(word: str, table: Mapping[str, Flag]) -> str:
    near = get_close_matches(word.partition("=")[0], table, n=1, cutoff=0.8)
    return f"{word} (did you mean {near[0]}?)" if near else word


def _truth(text: str) -> bool | None:
    folded = text.lower()
    return True if folded in _TRUE else False if folded in _FALSE else None


def _value(text: str, takes: Takes) -> Any:
    """Return a text as a value of a kind, None where it is not one."""
    try:
        if takes is Takes.INT:
            return int(text)
        if takes is Takes.COUNT:
            return _count(text)
        if takes is Takes.FLOAT:
            return float(text)
        if takes is Takes.BOOL:
            return _truth(text)
        if takes is Takes.JSON:
            return json.loads(text)
    except (ValueError, RecursionError):
        return None
    return text


def _count(text: str) -> int | None:
    """Return a number with a unit: small letters are powers of 1,000, large ones of 1,024."""
    digits = text.rstrip("kKmMgGi")
    unit = text[len(digits) :]
    if not unit:
        return int(digits)
    if len(unit) == 1 and unit.isupper():
        return int(float(digits) * _SIZES[unit.lower() + "i"])
    return int(float(digits) * _SIZES[unit.lower()]) if unit.lower() in _SIZES else None
