"""Settings by name, of flags or of a file, taken as values of their kinds."""

import contextlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from firstmile.check.flags import Takes, value_of
from firstmile.check.intent import Unknown
from firstmile.check.unknown_words import shown, unknown

_NOTHING: Final = ("", "none", "null", "~")
_MOST_COMPARED: Final = 50
"""Unknown names for which the nearest known one is looked for."""


class Settings:
    """Values by names; one of a wrong kind is named in `unread` and counts as not said.

    Texts of numbers and truths count as those: YAML reads `5e-5` as a text. Of several names
    the first that is there holds.
    """

    def __init__(self, values: Mapping[Any, Any], *, where: str = "") -> None:
        """Take the values, and where they stand (a file's name) for what is not understood."""
        self.values = {str(name): value for name, value in values.items()}
        self.unread: list[str] = []
        self.unknown: list[Unknown] = []
        self._where = f"{where}: " if where else ""

    def has(self, name: str) -> bool:
        """Tell whether a name is there with any value."""
        return self.values.get(name) is not None

    def text(self, *names: str) -> str | None:
        """Return a text; the words for nothing are nothing."""
        name, value = self._first(names)
        if value is None or (isinstance(value, str) and value.lower() in _NOTHING):
            return None
        if isinstance(value, str):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        self._wrong(name, value)
        return None

    def whole(self, *names: str) -> int | None:
        """Return a whole number."""
        name, value = self._first(names)
        if isinstance(value, str):
            value = next(
                (
                    found
                    for found in (value_of(value, Takes.INT), value_of(value, Takes.FLOAT))
                    if found is not None
                ),
                value,
            )
        if isinstance(value, float) and value.is_integer():
            return int(value)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        self._wrong(name, value)
        return None

    def number(self, *names: str) -> float | None:
        """Return a number."""
        name, value = self._first(names)
        found = value_of(value, Takes.FLOAT) if isinstance(value, str) else value
        if isinstance(found, int | float) and not isinstance(found, bool):
            try:
                if math.isfinite(found):
                    return float(found)
            except OverflowError:
                pass
        self._wrong(name, value)
        return None

    def truth(self, *names: str) -> bool | None:
        """Return a truth value; "auto" is none."""
        name, value = self._first(names)
        if isinstance(value, bool):
            return value
        if isinstance(value, int) and value in (0, 1):
            return bool(value)
        if isinstance(value, str):
            if value.lower() in (*_NOTHING, "auto"):
                return None
            found = value_of(value, Takes.BOOL)
            if isinstance(found, bool):
                return found
        self._wrong(name, value)
        return None

    def texts(self, *names: str) -> tuple[str, ...]:
        """Return several texts: a list, or one text parted by commas or blanks."""
        name, value = self._first(names)
        if isinstance(value, str):
            return tuple(value.replace(",", " ").split())
        if isinstance(value, Sequence) and all(isinstance(one, str | int) for one in value):
            parts = [str(one) for one in value]
            return self.parted(parts[0]) if len(parts) == 1 else tuple(parts)
        self._wrong(name, value)
        return ()

    @staticmethod
    def parted(text: str) -> tuple[str, ...]:
        """Return the parts of a text between commas."""
        return tuple(part.strip() for part in text.split(",") if part.strip())

    def tree(self, *names: str) -> dict[str, Any] | None:
        """Return a set of fields, which may be written as JSON."""
        name, value = self._first(names)
        if isinstance(value, str) and value.lstrip().startswith("{"):
            with contextlib.suppress(ValueError, RecursionError):
                value = json.loads(value)
        if isinstance(value, Mapping):
            return {str(key): inner for key, inner in value.items()}
        self._wrong(name, value)
        return None

    def name_unknown(self, known: frozenset[str]) -> None:
        """Name the settings that are not among the known ones, with the nearest of those."""
        for name in self.values:
            if name not in known:
                few = len(self.unread) < _MOST_COMPARED
                one = unknown("setting", name, known if few else ())
                hint = f" (did you mean {one.near}?)" if one.near is not None else ""
                self.unread.append(shown(f"{self._where}{name}{hint}"))
                self.unknown.append(one)

    def _first(self, names: Sequence[str]) -> tuple[str, Any]:
        for name in names:
            if self.values.get(name) is not None:
                return name, self.values[name]
        return names[0], None

    def _wrong(self, name: str, value: Any) -> None:
        """Name a value that is not of its kind."""
        if value is not None and not (isinstance(value, str) and value.lower() in _NOTHING):
            said = value if isinstance(value, str) else repr(value)[:200]
            self.unread.append(shown(f"{self._where}{name} {said} (not a value of its kind)"))
