"""Breaks answers on purpose: at a rate, in a written order, or where a page is too large."""

import json
import threading
from collections import deque
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

USUAL: Final = (
    "502",
    "503",
    "504",
    "reset",
    "cut",
    "garbled",
    "wrong",
    "secondary",
    "partial",
    "new-etag",
)
"""What happens at random; `retry_seconds` is what the secondary limit asks for."""

KINDS: Final = (
    *USUAL,
    "slow",
    "primary",
    "secondary-silent",
    "secondary-in-200",
    "resources",
    "stale",
    "unasked-304",
    "redirect",
    "odd",
    "forbidden",
)

ODD: Final[tuple[Any, ...]] = (
    None,
    0,
    -1,
    10**12,
    1.5,
    True,
    "",
    "x",
    "\x00",
    [],
    [None],
    {},
    {"nodes": 3},
)
"""What `odd` puts in place of a value."""


@dataclass
class Faults:
    """Which request is broken, and how.

    `502`, `503`, `504`: a status. `reset`: the connection ends before an answer. `cut`: half of
    the body, then the end. `garbled`: whole by its length, but no JSON. `wrong`: GraphQL's
    "Something went wrong" in a 200. `partial`: data with an error and a hole. `resources`:
    GraphQL's partial answer of a query that is too heavy. `slow`: an answer after
    `slow_seconds`. `primary`, `secondary`, `secondary-silent` (without a header),
    `secondary-in-200`: limits. `new-etag`: another tag for the same content; `stale`: an old
    tag, thus a 304 though something changed; `unasked-304`: a 304 to a plain request.
    `redirect`: to `redirect_to`. `odd`: one value of the answer is replaced by another.
    `forbidden`: GraphQL's answer to a token that may not read the repository. Kinds that do not
    fit a request leave it whole.
    """

    rate: float = 0.0
    kinds: tuple[str, ...] = USUAL
    seed: int = 1
    slow_seconds: float = 2.0
    retry_seconds: int = 1
    largest_page: int = 100
    redirect_to: str = ""
    script: deque[str] = field(default_factory=deque)
    happened: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        unknown = [kind for kind in (*self.kinds, *self.script) if kind and kind not in KINDS]
        if unknown:
            raise ValueError(f"no such faults: {unknown}")
        self.script = deque(self.script)
        self._random = Random(self.seed)
        self._lock = threading.Lock()

    def mangle(self, body: Any) -> Any:
        """Return a copy of a JSON value in which one value, however deep, is another."""
        with self._lock:
            copy = json.loads(json.dumps(body))
            place: Any = None
            key: Any = None
            here = copy
            while isinstance(here, dict | list) and here:
                if place is not None and self._random.random() < 0.2:
                    break
                place = here
                key = self._random.choice(
                    list(here) if isinstance(here, dict) else range(len(here))
                )
                here = here[key]
            if place is not None:
                place[key] = self._random.choice(ODD)
            return copy

    def next(self) -> str:
        """Return what happens to the next request; an empty text is nothing."""
        with self._lock:
            kind = ""
            if self.script:
                kind = self.script.popleft()
            elif self.rate and self._random.random() < self.rate:
                kind = self._random.choice(self.kinds)
            if kind:
                self.happened.append(kind)
            return kind
