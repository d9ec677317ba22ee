"""`with firstmile.watch():` tells what made a block fail; the failure goes on as it was.

So does `@firstmile.watch()` above a function.
"""

import functools
import inspect
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeVar, cast

from firstmile.rendering.inert import visible

Function = TypeVar("Function", bound=Callable[..., Any])


class Watch:
    """A context that prints the diagnosis of what its block raises to stderr.

    The exception goes on unchanged. What ends a program on purpose (KeyboardInterrupt,
    SystemExit, a task's cancellation) is let through without a word.
    """

    def __call__(self, function: Function) -> Function:
        """Return a function that is watched whenever it is called, a coroutine while it runs."""
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def awaited(*given: Any, **named: Any) -> Any:
                with self:
                    return await function(*given, **named)

            return cast("Function", awaited)

        @functools.wraps(function)
        def called(*given: Any, **named: Any) -> Any:
            with self:
                return function(*given, **named)

        return cast("Function", called)

    def __enter__(self) -> None:
        """Watch from here on."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Tell what an exception comes from."""
        if isinstance(error, Exception) and sys.stderr is not None:
            told = explained(error)
            try:
                sys.stderr.write(f"\n{told}\n")
                sys.stderr.flush()
            except (OSError, ValueError):
                # A closed stderr hides no exception of the user's.
                pass


def watch() -> Watch:
    """Return a context that prints the diagnosis of what its block raises to stderr.

    As a decorator it does so for a function.
    """
    return Watch()


def explained(error: Exception) -> str:
    """Return the diagnosis of an exception as text; a fault of ours is a sentence in its place."""
    from firstmile.diagnose.failures import diagnose

    try:
        return str(diagnose(error))
    except Exception as own:
        return f"firstmile: No diagnosis: {visible(f'{type(own).__name__}: {own}')}."
