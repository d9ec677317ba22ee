"""Many texts at once: a line of JSON in, a line of JSON out, in their order, on all cores."""

import gc
import json
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from firstmile.errors import UserError
from firstmile.ui.diagnose_command import diagnoser, stated

if TYPE_CHECKING:
    from firstmile.diagnose.judging import Diagnoser

_Parcel = tuple[tuple[int, bytes], ...]
"""Some lines with their numbers, counted from 1."""
FEW: Final = 200
"""Texts up to which one process is quicker than several."""
_AT_ONCE: Final = 32
_WAITING: Final = 64
"""Parcels per core that are read ahead, so that memory does not grow with the file."""
_SELDOM: Final = 100_000
"""Objects made between two looks for rings of them: judging makes many objects, and no rings."""


def answers(lines: Iterable[bytes], knowledge: Path | None) -> Iterator[str]:
    """Yield the answers, a line to each, some at a time, without the last line's end.

    A line that is no such object has an `error` instead. Raises UserError where one of the
    processes is ended from outside; it names the line from which on no answer was given.
    """
    numbered = ((number, line) for number, line in enumerate(lines, start=1) if line.strip())
    first = list(islice(numbered, FEW))
    if len(first) < FEW:
        for number, line in first:
            yield _answer(number, line, diagnoser(knowledge))
        return
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    # Its threads would wait for each other on products as small as these.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Before the processes part, so that they share what they read.
    diagnoser(knowledge, in_bulk=True)
    gc.freeze()
    rest = chain(first, numbered)
    parcels = iter(lambda: tuple(islice(rest, _AT_ONCE)), ())
    with ProcessPoolExecutor(cores, initializer=gc.set_threshold, initargs=(_SELDOM,)) as pool:
        yield from _answered(pool, parcels, knowledge, most=_WAITING * (cores or 1))


def _answered(
    pool: ProcessPoolExecutor, parcels: Iterable[_Parcel], knowledge: Path | None, *, most: int
) -> Iterator[str]:
    """Yield the answers of parcels, of which so many at most are waited for."""
    waiting: deque[tuple[int, Future[str]]] = deque()
    number = 1
    try:
        for parcel in parcels:
            number = waiting[0][0] if waiting else parcel[0][0]
            judged = pool.submit(_judged, parcel, knowledge=knowledge)
            waiting.append((parcel[0][0], judged))
            if len(waiting) == most:
                number = waiting[0][0]
                yield waiting.popleft()[1].result()
        while waiting:
            number = waiting[0][0]
            yield waiting.popleft()[1].result()
    except BrokenExecutor as broken:
        raise UserError(
            "A process of the batch was killed, perhaps for lack of memory; the lines before line "
            f"{number} are answered. Go on with the others: tail -n +{number} FILE."
        ) from broken
    finally:
        for _, judged in waiting:
            judged.cancel()


def _judged(parcel: _Parcel, *, knowledge: Path | None) -> str:
    judge = diagnoser(knowledge, in_bulk=True)
    return "\n".join(_answer(number, line, judge) for number, line in parcel)


def _answer(number: int, line: bytes, judge: "Diagnoser") -> str:
    from firstmile.diagnose.hypotheses import plain
    from firstmile.diagnose.reading import read_lines

    try:
        given = json.loads(line)
        name, text = given["id"], given["text"]
        if not isinstance(text, str):
            raise TypeError
    except (ValueError, TypeError, KeyError, RecursionError):
        wrong = {"error": f"Line {number} is no object with an id and a text."}
        return _own(stated() | wrong)
    told = plain(judge.diagnose(tuple(read_lines(text))))
    # An id may be any JSON, also one that only Python's own writer writes as it was.
    return f'{{"id":{_own(name)},{_quick(stated() | told)[1:]}'


def _own(data: Any) -> str:
    line = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    # Half a character, which an id can hold, becomes the escape that JSON has for it.
    return line.encode("utf-8", "backslashreplace").decode("utf-8")


# Some ten times as quick as Python's own; the text in a diagnosis holds no half characters.
def _quick(data: dict[str, Any]) -> str:
    return msgspec.json.encode(data).decode("utf-8")
