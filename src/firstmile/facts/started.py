"""Work that goes on in a thread while other work is done."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Found = TypeVar("Found")


class Started(Generic[Found]):
    """Work that was begun; what it gives is waited for where it is needed."""

    def __init__(self, work: Callable[[], Found]) -> None:
        """Begin it. A program that ends does not wait for it."""
        self._work = work
        self._found: list[Found] = []
        self._failed: list[BaseException] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._found.append(self._work())
        except BaseException as error:  # raised again where the result is asked for
            self._failed.append(error)

    def result(self) -> Found:
        """Wait for it, and return what it gave; raises what it raised."""
        self._thread.join()
        if self._failed:
            raise self._failed[0]
        return self._found[0]
