"""Written dates to days."""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from firstmile.study.reading.records import Days

_TIME: Final = r"[T ]\d\d:?\d\d[0-9:.,]*\s?(?:Z|UTC|[+-][0-9:]+)?"
_WRITTEN: Final = re.compile(rf"\d{{4}}-\d\d-\d\d(?:{_TIME})?", re.ASCII)


def read_days(written: Sequence[str]) -> tuple[Days, int | None]:
    """Return days of ISO 8601 dates or times, and the place of the first that is none."""
    plain = []
    for place, text in enumerate(written):
        if not _WRITTEN.fullmatch(text):
            return np.empty(0, "datetime64[D]"), place
        plain.append(text[:10])
    try:
        return np.array(plain, dtype="datetime64[D]"), None
    except ValueError:
        return np.empty(0, "datetime64[D]"), next(
            place for place, text in enumerate(plain) if not _is_day(text)
        )


def _is_day(text: str) -> bool:
    try:
        np.datetime64(text, "D")
    except ValueError:
        return False
    return True
