"""Findings that somebody accepts, each with the reason: what `firstmile.toml` says of them."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

import msgspec

from firstmile.errors import UserError, nearest

MOST: Final = 1_000
LONGEST_REASON: Final = 500
_KEYS: Final = ("id", "reason", "until")
_EXAMPLE: Final = '[[check.suppress]] with id = "...", reason = "..." and, if wanted, until = DATE'


class Suppression(msgspec.Struct, frozen=True, kw_only=True):
    """A check whose findings are accepted, and why; after the day `until` they count again."""

    check: str
    reason: str
    until: date | None = None

    def holds(self, today: date) -> bool:
        """Say whether it still holds on a day."""
        return self.until is None or today <= self.until


def suppressions_of(
    tables: Mapping[str, Any], known: Iterable[str], *, name: str
) -> tuple[Suppression, ...]:
    """Return what the tables of a settings file accept; raises UserError by the file's name.

    What the file says and nobody reads is refused: a mistyped table would accept nothing and
    say nothing.
    """
    _require_known(tables, ("check",), f"{name} has a table")
    check = tables.get("check", {})
    if not isinstance(check, Mapping):
        raise UserError(f"check in {name} is no table: it takes {_EXAMPLE}.")
    _require_known(check, ("suppress",), f"[check] in {name} has a setting")
    stated = check.get("suppress", [])
    if not isinstance(stated, list) or not all(isinstance(each, Mapping) for each in stated):
        raise UserError(f"check.suppress in {name} is no list of tables: write {_EXAMPLE}.")
    if len(stated) > MOST:
        raise UserError(f"{name} suppresses more than {MOST:,} findings, which hides too much.")
    ids = tuple(known)
    found = [
        _suppression(each, ids, f"suppression {place} in {name}")
        for place, each in enumerate(stated, 1)
    ]
    seen: set[str] = set()
    for each in found:
        if each.check in seen:
            raise UserError(f"{name} suppresses {each.check} twice: leave one of the two.")
        seen.add(each.check)
    return tuple(found)


def _suppression(stated: Mapping[str, Any], ids: tuple[str, ...], where: str) -> Suppression:
    _require_known(stated, _KEYS, f"The {where} has a setting")
    check, reason, until = (stated.get(key) for key in _KEYS)
    if not isinstance(check, str) or not check.strip():
        raise UserError(f"The {where} names no check: write {_EXAMPLE}.")
    if check not in ids:
        raise UserError(f"The {where} names {_cut(check)!r}, {unknown(check, ids)}")
    if not isinstance(reason, str) or not reason.strip():
        raise UserError(f"The {where} gives no reason: say why {check} is accepted.")
    if len(reason) > LONGEST_REASON:
        raise UserError(f"The {where} has a reason of more than {LONGEST_REASON} characters.")
    if until is not None and (not isinstance(until, date) or isinstance(until, datetime)):
        raise UserError(f"until of the {where} is no date: write until = 2027-01-31.")
    return Suppression(check=check, reason=" ".join(reason.split()), until=until)


def unknown(wanted: str, known: Iterable[str], *, kind: str = "check") -> str:
    """Return the end of a sentence on a name that is none, with the nearest that is one."""
    near = nearest(wanted, known)
    return f"which is no {kind}{'.' if near is None else f': did you mean {near}?'}"


def _require_known(stated: Mapping[str, Any], keys: tuple[str, ...], what: str) -> None:
    for key in stated:
        if key not in keys:
            raise UserError(f"{what} {_cut(key)!r}, which nothing reads: it takes {_EXAMPLE}.")


def _cut(text: str) -> str:
    return text if len(text) <= 100 else f"{text[:97]}..."
