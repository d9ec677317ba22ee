"""The words of a command: an option that names a secret gives away that the next word is one.

Between quotes and within one line a text hides that, so commands that are known word by word are
redacted so.
"""

import re
from collections.abc import Sequence
from typing import Final

from firstmile.redaction.naming import Named, named
from firstmile.redaction.redacting import redact
from firstmile.redaction.rules.options import may_follow
from firstmile.redaction.stand_ins import is_stand_in

_KEY: Final = "<key>"
_OPTION: Final = re.compile(r"--?(?P<name>[A-Za-z][A-Za-z0-9_-]{1,60})")
_GIVEN: Final = re.compile(
    r"(?P<before>(?:--?)?(?P<name>[A-Za-z][A-Za-z0-9_-]{1,60})=)(?P<value>\S.*\s.*)", re.DOTALL
)
"""A value of several words, of which the rules for running text would take the first."""


def redact_words(command: Sequence[str]) -> list[str]:
    """Return the words of a command, each redacted, with `<key>` for what an option hides."""
    told: list[str] = []
    option = ""
    for word in command:
        if option and word and may_follow(option, word):
            told.append(_KEY)
            option = ""
            continue
        found = _OPTION.fullmatch(word)
        option = found["name"] if found else ""
        given = _GIVEN.fullmatch(word)
        if given and named(given["name"]) is Named.SECRET and not is_stand_in(given["value"]):
            told.append(f"{given['before']}{_KEY}")
        else:
            told.append(redact(word).text)
    return told
