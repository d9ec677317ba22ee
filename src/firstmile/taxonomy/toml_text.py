"""TOML from outside, which may be anything: read within ceilings, or refused in one sentence."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from firstmile.errors import UserError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

LARGEST: Final = 1024 * 1024
"""Bytes of one file."""

_MOST_PARTS: Final = 32
"""Parts of a dotted key; the reader's time grows with their square."""

_PART: Final = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
_DEEP_KEY: Final = re.compile(
    rf"(?:^|(?<=[\s\[{{,])){_PART}(?:[ \t]*+\.[ \t]*+{_PART}){{{_MOST_PARTS}}}", re.MULTILINE
)
_LONGEST_REASON: Final = 160
_INTEGERS: Final = range(-(2**63), 2**63)
"""What an integer of TOML 1.0 can be; one that is longer cannot even be printed."""


def text_of(path: "Traversable", name: str) -> str:
    """Return a file's text; raises OSError, and UserError by the name where it is no such text."""
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise UserError(f"{name} is larger than 1 MiB, which no such file is.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"{name} is not UTF-8; save it as UTF-8.") from error


def read_toml(text: str, name: str) -> dict[str, Any]:
    """Return the tables of a text; raises UserError by the name whatever is wrong with it."""
    import tomllib

    if len(text) > LARGEST:
        raise UserError(f"{name} is larger than 1 MiB, which no such file is.")
    try:
        if _DEEP_KEY.search(text):
            raise ValueError(f"a key has more than {_MOST_PARTS} parts")
        tables = tomllib.loads(text)
        if any(isinstance(value, int) and value not in _INTEGERS for value in _values(tables)):
            raise ValueError("a number has too many digits")
    except RecursionError as error:
        raise UserError(f"{name} is not valid TOML (nested too deeply).") from error
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{name} is not valid TOML ({str(error)[:_LONGEST_REASON]}).") from error
    except ValueError as error:
        # Python refuses to read integers of thousands of digits, and days that no month has.
        reason = "a number has too many digits" if "digits" in str(error) else str(error)
        raise UserError(f"{name} is not valid TOML ({reason[:_LONGEST_REASON]}).") from error
    return tables


def _values(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _values(item)
    else:
        yield value
