"""Whoever runs the program: a name that is known needs no place that gives it away.

`/data/jdoe` may be anybody's folder; to a program that runs as jdoe it is a person's.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Final

from firstmile.redaction.rules.folders import is_nobodys

_NAMES: Final = ("USER", "LOGNAME", "USERNAME", "SUDO_USER")
_HOMES: Final = ("HOME", "USERPROFILE")
_SHORTEST: Final = 3


def owners(variables: Mapping[str, str]) -> tuple[str, ...]:
    """Return the accounts that environment variables name, but for those that are nobody's."""
    named = [variables.get(name, "") for name in _NAMES]
    named += [PurePath(variables.get(name, "")).name for name in _HOMES]
    return tuple(
        dict.fromkeys(name for name in named if len(name) >= _SHORTEST and not is_nobodys(name))
    )


def without_owners(text: str, names: Iterable[str]) -> str:
    """Return a text with `<user>` for each folder that is called as one of some accounts."""
    for name in names:
        if name in text:
            folder = rf"(?<=[/\\]){re.escape(name)}(?=[/\\:;,\"'\s)\]]|\Z)"
            text = re.sub(folder, "<user>", text)
    return text
