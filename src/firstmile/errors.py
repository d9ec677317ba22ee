"""The one error a user can put right, and what it may tell them: a name, a command."""

from collections.abc import Iterable
from typing import Final

_LONGEST: Final = 120
"""Characters of a name that are compared."""


class UserError(Exception):
    """Say what is wrong, where, and what to do, in one sentence.

    The command line prints the message alone and exits with status 2; a traceback never
    reaches a user.
    """


def pip_install(extra: str) -> str:
    """Return the command that brings an extra's packages, for either way of having firstmile."""
    return f'pip install "firstmile[{extra}]" (from a checkout: pip install ".[{extra}]")'


def nearest(wanted: str, known: Iterable[str], *, alike: float = 0.5) -> str | None:
    """Return the known name that a mistyped one is most like, None where none is `alike`.

    `alike` is between 0 and 1 (difflib's ratio). Comparing is quadratic, so that no more than the
    beginning of a long name is compared.
    """
    from difflib import get_close_matches

    found = get_close_matches(wanted.strip()[:_LONGEST], tuple(known), n=1, cutoff=alike)
    return found[0] if found else None


def alike(one: str, other: str) -> float:
    """Return how like two names are, between 0 and 1 (difflib's ratio of their beginnings)."""
    from difflib import SequenceMatcher

    return SequenceMatcher(None, one.strip()[:_LONGEST], other[:_LONGEST]).ratio()


def did_you_mean(wanted: str, known: Iterable[str], *, alike: float = 0.5) -> str:
    """Return " (did you mean x?)" for a mistyped name, or an empty text."""
    found = nearest(wanted, known, alike=alike)
    return "" if found is None else f" (did you mean {found}?)"
