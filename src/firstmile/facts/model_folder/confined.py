"""The limits that a child takes on itself, before it reads what a model folder brings along.

What a child imports is a part of what it takes: nothing here needs more than the interpreter has.
"""

import contextlib
from collections.abc import Sequence


def confine(arguments: Sequence[str]) -> None:
    """Take limits on ourselves: called by the child, with what its command line says.

    Windows has no such limits; there the parent's clock alone ends a child.
    """
    try:
        import resource
    except ImportError:
        return
    cpu_seconds, memory_bytes = int(arguments[0]), int(arguments[1])
    for what, limit in (
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            hard = resource.getrlimit(what)[1]
            if hard == resource.RLIM_INFINITY or hard > limit:
                resource.setrlimit(what, (limit, limit))


def open_no_more() -> None:
    """Open no file from here on: called by the child once all that it needs is imported."""
    try:
        import resource
    except ImportError:
        return
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
