"""Raised: the exceptions of Python that a log shows, and which of them came first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from firstmile.diagnose.reading import Line

Process = tuple[str | None, int | None]
"""What tells one process of a log from others: its file and its rank."""

MOST_MESSAGE_LINES: Final = 12
_HEADER: Final = "Traceback (most recent call last):"
_FRAME: Final = re.compile(r'\s+File "(?P<file>[^"]{1,400})", line \d+(?:, in (?P<function>\S+))?')
_OUTER: Final = r"(?:(?:[A-Za-z_]\w{0,60}|<locals>)\.)"
_LAST: Final = re.compile(
    rf"(?P<type>{_OUTER}{{0,8}}[A-Z]\w{{0,60}}"
    r"(?:Error|Exception|Interrupt|Exit|Warning|Failure|Timeout|NotFound|Iteration))"
    r"(?::\s?(?P<message>.*))?$"
)
_PLAIN: Final = re.compile(rf"(?P<type>{_OUTER}{{1,8}}[A-Z]\w{{0,60}}): (?P<message>.*)$")
_CHAINED: Final = (
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another exception occurred:",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One place in a traceback: its file as printed and the function, if it was named."""

    file: str
    function: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """One exception as a log shows it.

    `first` and `last` are indices of lines: the traceback's header (or its first frame, or the
    exception's own line where there is no traceback) and the line that names the exception.
    `follows` is the place, in the order of the log, of the exception that it was raised from or
    while handling. A warning that is printed like an exception is none.
    """

    type: str
    message: str
    first: int
    last: int
    rank: int | None
    frames: tuple[Frame, ...] = ()
    follows: int | None = None

    @property
    def name(self) -> str:
        """The type without its module."""
        return self.type.rpartition(".")[2]


class _Reading:
    """What is known of one process's output while its lines are read."""

    def __init__(self) -> None:
        self.first: int | None = None
        self.frames: list[Frame] = []
        self.chained = False
        self.latest: int | None = None

    def forget(self) -> None:
        self.first = None
        self.frames = []


def find_raised(lines: Sequence[Line]) -> tuple[Raised, ...]:
    """Return the exceptions in the order in which the log names them.

    Lines of several ranks may be mixed: each rank's traceback is read by itself. A traceback
    whose head or end is cut off still gives what it shows.
    """
    found: list[Raised] = []
    processes: dict[Process, _Reading] = {}
    for place, line in enumerate(lines):
        process = processes.setdefault(process_of(line), _Reading())
        body = line.body
        if _HEADER in body:
            process.forget()
            process.first = place
        elif frame := _FRAME.match(body):
            process.first = place if process.first is None else process.first
            process.frames.append(Frame(file=frame["file"], function=frame["function"]))
        elif body.strip() in _CHAINED:
            process.chained = True
        elif named := _named(body, in_traceback=bool(process.frames) or process.first is not None):
            found.append(
                Raised(
                    type=named["type"],
                    message=_message(lines, place, named["message"] or ""),
                    first=place if process.first is None else process.first,
                    last=place,
                    rank=line.rank,
                    frames=tuple(process.frames),
                    follows=process.latest if process.chained else None,
                )
            )
            process.latest = len(found) - 1
            process.chained = False
            process.forget()
    return tuple(found)


def process_of(line: Line) -> Process:
    """Return the process that wrote a line."""
    return line.file, line.rank


def first_causes(found: Sequence[Raised]) -> tuple[Raised, ...]:
    """Return the exceptions that no other led to, in the order of the log."""
    return tuple(each for each in found if each.follows is None)


def _named(body: str, *, in_traceback: bool) -> re.Match[str] | None:
    if not body or body[0].isspace():
        return None
    named = _LAST.match(body) or (_PLAIN.match(body) if in_traceback else None)
    if named is None or named["type"].endswith("Warning"):
        return None
    return named


def _message(lines: Sequence[Line], place: int, first: str) -> str:
    """Return the message with the lines that belong to it: up to an empty or a logged one."""
    process = process_of(lines[place])
    message = [first.strip()]
    for line in lines[place + 1 : place + 1 + 4 * MOST_MESSAGE_LINES]:
        if process_of(line) != process:
            continue
        body = line.body.rstrip()
        logged = line.body != line.text and line.rank is None
        if not body or logged or _HEADER in body or _named(body, in_traceback=False):
            break
        message.append(body)
        if len(message) == MOST_MESSAGE_LINES:
            break
    return "\n".join(message)
