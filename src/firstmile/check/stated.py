"""What checks state of themselves, read from their sources: importing all takes half a second."""

import ast
import importlib
import re
from functools import cache
from importlib import resources
from typing import Final

import msgspec

from firstmile.check.unit import PACKAGE, check_ids

_ABOUT: Final = re.compile(
    r'^ABOUT: Final = About\(\n    symptom="([a-z0-9/-]+)",\n    cause="([a-z0-9/-]+)",$',
    re.MULTILINE,
)


class Stated(msgspec.Struct, frozen=True, kw_only=True):
    """A check by its id, what is as it should be where it passes, and the failure it foresees."""

    id: str
    good_state: str
    symptom: str
    cause: str


@cache
def stated_checks() -> tuple[Stated, ...]:
    """Return what every check states, in order of their ids; none of them is imported."""
    folder = resources.files(importlib.import_module(PACKAGE))
    found = []
    for one in check_ids():
        text = (folder / f"{one.replace('-', '_')}.py").read_text(encoding="utf-8")
        about = _ABOUT.search(text)
        assert about is not None, one
        said: str = ast.literal_eval(text[: text.index('"""', text.index('"""') + 3) + 3])
        good = said.partition("\n\n")[0]
        found.append(
            Stated(id=one, good_state=" ".join(good.split()), symptom=about[1], cause=about[2])
        )
    return tuple(found)
