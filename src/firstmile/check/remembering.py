"""What was computed of a folder or a snapshot, kept for the checks that ask for the same."""

import functools
from collections.abc import Callable
from typing import Any, Final, ParamSpec, TypeVar

Given = ParamSpec("Given")
Found = TypeVar("Found")
MOST: Final = 2
"""A model and its base."""
_PLAIN: Final = (str, bool, int, type(None))


class _Same:
    """What was read, as a key: itself, whatever it holds, since it never changes."""

    __slots__ = ("thing",)

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __hash__(self) -> int:
        return id(self.thing)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.thing is other.thing


def remembered(compute: Callable[Given, Found]) -> Callable[Given, Found]:
    """Return a function that computes once for the same things, of which it keeps the last two."""
    computing: Callable[..., Found] = compute

    @functools.lru_cache(maxsize=MOST)
    def kept(*keys: Any) -> Found:
        return computing(*(each.thing if isinstance(each, _Same) else each for each in keys))

    @functools.wraps(compute)
    def ask(*given: Given.args, **named: Given.kwargs) -> Found:
        assert not named
        return kept(*(each if isinstance(each, _PLAIN) else _Same(each) for each in given))

    return ask
