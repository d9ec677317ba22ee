"""Checks as a person names them: by id, or by the cause that they foresee."""

from collections.abc import Mapping, Sequence
from typing import Final

from firstmile.errors import UserError, did_you_mean

_LONGEST_SHOWN: Final = 200


def chosen(causes: Mapping[str, str], only: Sequence[str]) -> tuple[str, ...]:
    """Return the ids that are named, or whose cause begins so; all where nothing is named.

    `causes` holds the cause of each id. Raises UserError for a name that is neither.
    """
    if not only:
        return tuple(causes)
    found: set[str] = set()
    for name in only:
        wanted = name.strip().rstrip("/")
        met = {one for one, cause in causes.items() if wanted in (one, *_above(cause))}
        if not met:
            names = {*causes, *(code for cause in causes.values() for code in _above(cause))}
            raise UserError(
                f"--only names {name[:_LONGEST_SHOWN]}, which is no check and no cause"
                f"{did_you_mean(name, names)}: firstmile check --list has them all."
            )
        found |= met
    return tuple(one for one in causes if one in found)


def _above(code: str) -> list[str]:
    parts = code.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
