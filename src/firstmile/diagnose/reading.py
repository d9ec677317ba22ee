"""Reading: what programs write to terminals and files, as clean lines with rank and time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

LONGEST_LINE: Final = 16_000
"""Characters of a line that are kept; what is cut off says neither what failed nor why."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the input.

    `number` counts from 1 in its file, as an editor does. `text` is what a person would see:
    without colors, and without what a carriage return has overwritten. `body` is the text
    without the time, level and rank that loggers and launchers put before it. `rank` is the
    process that wrote it, where it says so; `time` the time as written, where it has one: it
    sorts within one log.
    """

    number: int
    text: str
    body: str
    rank: int | None = None
    time: str | None = None
    file: str | None = None


def read_lines(text: str, *, file: str | None = None) -> Iterator[Line]:
    """Clean a text line by line; the lines keep the numbers of the raw text."""
    for number, raw in enumerate(_split(text), start=1):
        yield read_line(raw, number=number, file=file)


def read_line(raw: str, *, number: int, file: str | None = None) -> Line:
    """Clean one raw line."""
    if "%|" not in raw and raw.replace("\t", " ").isprintable():
        shown = raw[:LONGEST_LINE].rstrip()  # as most lines are: nothing to take off
    else:
        shown = _CONTROLS.sub("", _after_bar(_overwritten(raw)))[:LONGEST_LINE].rstrip()
        shown = shown.encode("utf-8", "replace").decode("utf-8")  # JSON can hold half a character
    body, rank, time = _without_prefixes(shown)
    return Line(number=number, text=shown, body=body, rank=rank, time=time, file=file)


def text_of(data: bytes) -> str:
    """Return bytes as text; each that is no UTF-8 becomes a `□`.

    The usual sign for it, `�`, is also what a broken streamer of tokens prints, and so is left
    to those.
    """
    text = data.decode("utf-8", "surrogateescape")
    return text if text.isascii() else _UNREADABLE.sub("□", text)


_UNREADABLE: Final = re.compile(r"[\udc80-\udcff]")


def _split(text: str) -> list[str]:
    """Split at line feeds alone, as editors number lines; a trailing one ends the last line."""
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return lines


_ESCAPES: Final = re.compile(
    r"\x1b\[[0-?]{0,64}[ -/]{0,8}[@-~]"  # CSI: colors, cursor
    r"|\x1b\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)"  # OSC: titles, links
    r"|\x1b[PX^_][^\x1b]{0,4096}\x1b\\"  # DCS and other strings
    r"|\x1b[ -/]{0,8}[0-~]"  # the rest of ECMA-48's two-byte sequences
    r"|\x9b[0-?]{0,64}[ -/]{0,8}[@-~]"
)
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\ufeff]")


def _overwritten(raw: str) -> str:
    """Return what stays visible, without escapes: the last thing after a carriage return.

    A bar that was drawn for hours can be longer than any line that is kept, so the end is
    looked for before anything is cut.
    """
    for part in reversed(raw.split("\r")):
        shown = _ESCAPES.sub("", part[: 4 * LONGEST_LINE])
        if shown.strip():
            return shown
    return ""


_BAR: Final = re.compile(
    r"^[^|%]{0,200}?\d{1,3}%\|[^|]{0,400}\|\s*[\d.]+[kKMGT]?(?:B|iB)?/[\d.]+[kKMGT]?(?:B|iB)?"
    r"\s*\[[^\]]{0,80}\]"
)


def _after_bar(text: str) -> str:
    """Return what was written behind a progress bar on its line, or the bar where nothing was."""
    bar = _BAR.match(text)
    if bar is None:
        return text
    rest = text[bar.end() :].strip()
    return rest or text


_LEVEL: Final = r"(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|CRITICAL|FATAL)"
_CLOCK: Final = r"\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
_PLACE: Final = r"[\w./-]{1,120}:\d+(?::\w{1,60})?"
_PREFIX: Final = re.compile(
    "|".join(
        (
            # [rank3]: of torchrun, [default3]: of its agent, [3]: of its tee
            r"\[(?:rank|default|Rank |local_rank[ =:]?)?\s?(?P<rank>\d{1,5})\]:? ?",
            # 3: of srun --label, before what a failing process writes
            r"(?P<task>\d{1,5}): "
            r"(?=Traceback \(|\[[A-Za-z]|  +\S|[\w.]{1,80}(?:Error|Exception)\b)",
            # (Worker_TP1 pid=271), (RayWorkerWrapper pid=12, ip=10.0.0.2), (EngineCore_DP0 pid=9)
            r"\(\w*(?:Worker|EngineCore|APIServer|raylet|RayTrain|Actor)\w*?"
            r"(?:_(?:TP|DP|PP)(?P<worker>\d{1,5})\w*)? pid=\d+[^()]{0,60}\) ?",
            # [INFO|trainer.py:12] 2024-01-02 10:11:12,123 >>
            rf"\[{_LEVEL}\|{_PLACE}\] ?",
            r">> ",
            # 2024-01-02T10:11:12.123Z and [2024-01-02 10:11:12,123]
            rf"\[?(?P<day>\d{{4}}[-/]\d\d[-/]\d\d[T ]{_CLOCK})(?:Z|[+-]\d\d:?\d\d)?\]?"
            r"(?: -)?[:,]? ?",
            # I0102 10:11:12.131000 4200 torch/x.py:869]
            rf"[IWEF](?P<glog>\d{{4}} {_CLOCK})\s+\d+ {_PLACE}\] ?",
            # ERROR 01-02 10:11:12 [engine.py:389]
            rf"{_LEVEL} (?P<engine>\d\d-\d\d {_CLOCK}) (?:\[{_PLACE}\]|{_PLACE}\]) ?",
            # Jan  2 10:11:12 machine program[12]:
            r"(?P<syslog>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) [\w.-]{1,64} "
            r"[\w./-]{1,64}(?:\[\d+\])?: ?",
            # [10:11:12.123]
            rf"\[(?P<clock>{_CLOCK})\] ?",
            # INFO:root: and - ERROR - and [ERROR] [launch.py:1:main]
            rf"(?:[-|] ?)?(?:\[{_LEVEL}\](?: ?[-|:])? ?|{_LEVEL} ?[-|:] ?)"
            rf"(?:\[{_PLACE}\] ?|[\w.]{{1,80}}:(?=[^/ ]))?",
            # stderr F of a container's log
            r"std(?:out|err) [FP] ",
        )
    )
)
_MOST_PREFIXES: Final = 6
_BEGINS_A_PREFIX: Final = frozenset("[(>-|sABCDEFGHIJKLMNOPQRSTUVWXYZ")
"""Besides digits."""


def _without_prefixes(text: str) -> tuple[str, int | None, str | None]:
    """Take off what loggers and launchers put before a line; indentation stays."""
    rank: int | None = None
    time: str | None = None
    for _ in range(_MOST_PREFIXES):
        first = text[:1]
        may_be = first in _BEGINS_A_PREFIX or first.isdecimal()
        found = _PREFIX.match(text) if may_be else None
        if found is None:
            break
        kind = found.lastgroup
        if kind in ("rank", "worker", "task"):
            rank = int(found[kind]) if rank is None else rank
        elif kind is not None:
            time = time or found[kind]
        text = text[found.end() :]
    return text, rank, time
