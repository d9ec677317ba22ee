"""What a key of a study.toml holds and what belongs there, in words for people."""

import types
import typing
from collections.abc import Mapping
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Final

import msgspec

from firstmile.study.reading.quoting import quoted, shown

_EXPECTED: Final[Mapping[Any, str]] = {
    str: "a text in quotes",
    int: "a whole number",
    float: "a number",
    bool: "true or false, without quotes",
    date: "a day, such as 2025-01-31, without quotes",
}


def misfit(value: Any, kind: Any) -> str | None:
    """Say what stands in a key in place of what `kind` asks for; None where it fits.

    The words follow the key's name: "is the number 7; it must be a text in quotes".
    """
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        kind = _given(kind)
        of = _item(kind)
        if of is not None and isinstance(value, list):
            place, item = next(
                (place, item) for place, item in enumerate(value, 1) if misfit(item, of)
            )
            return f"holds {held(item)} in place {place} of its list; each must be {_asked(of)}"
        return f"is {held(value)}; it must be {_asked(kind)}"
    return None


def held(value: Any) -> str:
    """Return what stands in a key: "the number 7", "a list"."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f"the text {quoted(value)}"
        case int() | float():
            return f"the number {shown(str(value))}"
        case datetime() | time():
            return f"the time {value}"
        case date():
            return f"the day {value}"
        case list():
            return "a list" if value else "an empty list"
        case _:
            return "a table"


def _asked(kind: Any) -> str:
    of = _item(kind)
    if of is not None:
        return f'a list, such as ["one", "two"], each {_asked(of)}'
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return " or ".join(quoted(one.value) for one in kind)
    return _EXPECTED[kind]


def _item(kind: Any) -> Any | None:
    """Return what a list's items are; None for what is no list."""
    return typing.get_args(kind)[0] if typing.get_origin(kind) is tuple else None


def _given(kind: Any) -> Any:
    """Return a kind without None, which TOML does not have."""
    if typing.get_origin(kind) not in (types.UnionType, typing.Union):
        return kind
    return next(one for one in typing.get_args(kind) if one is not types.NoneType)
