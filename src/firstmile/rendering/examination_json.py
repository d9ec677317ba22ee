"""An examination as JSON: what would act on a terminal stands as an escape of JSON's own."""

import json
import re
from typing import Final

from firstmile.rendering.examination import Plain
from firstmile.rendering.inert import visible

_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7e]")


def as_json(data: Plain) -> str:
    """Return JSON that holds every text as it was read, and can be printed anywhere.

    Bytes of a file name that are no UTF-8 alone are spelled out, as a terminal shows them: half a
    surrogate pair is refused by many readers of JSON (RFC 8259, section 8.2).
    """
    text = json.dumps(data, ensure_ascii=False, indent=2)
    return _BEYOND_ASCII.sub(_escaped, text) + "\n"


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    if "\ud800" <= character <= "\udfff":
        return json.dumps(visible(character))[1:-1]
    return character if visible(character) == character else json.dumps(character)[1:-1]
