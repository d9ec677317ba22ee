"""What the system tells of running processes: their tree, their processor time, where they wait."""

import contextlib
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
_STATES: Final = {
    "R": "running",
    "S": "sleeping",
    "D": "waiting for a device or the disk",
    "T": "stopped",
    "t": "stopped by a debugger",
    "Z": "ended, not yet collected",
    "X": "ended",
    "I": "idle",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process at one moment. `ticks` is its processor time, that of ended children included."""

    pid: int
    parent: int
    name: str
    state: str
    ticks: int
    began: int

    @property
    def is_stopped(self) -> bool:
        """Whether it was stopped, as by Ctrl-Z."""
        return self.state in "Tt"

    @property
    def doing(self) -> str:
        """Its state in words."""
        return _STATES.get(self.state, self.state)


class Tree:
    """A process and all that it started, also those whose parent has ended since."""

    def __init__(self, root: int) -> None:
        """Begin with the first process."""
        self._root = root
        self._known: dict[int, int] = {}

    def look(self) -> tuple[Process, ...]:
        """Return the processes that are there now, the first one first."""
        there = {process.pid: process for process in all_processes()}
        found: dict[int, Process] = {}
        waiting = [
            self._root,
            *(pid for pid, began in self._known.items() if _same(there, pid, began)),
        ]
        children: dict[int, list[int]] = {}
        for process in there.values():
            children.setdefault(process.parent, []).append(process.pid)
        while waiting:
            pid = waiting.pop(0)
            if pid in there and pid not in found:
                found[pid] = there[pid]
                waiting += sorted(children.get(pid, ()))
        self._known = {pid: process.began for pid, process in found.items()}
        return tuple(found.values())


def _same(there: dict[int, Process], pid: int, began: int) -> bool:
    return pid in there and there[pid].began == began


def can_look() -> bool:
    """Whether this system tells of its processes in `/proc`."""
    return sys.platform == "linux" and (_PROC / "self" / "stat").exists()


def all_processes() -> Iterator[Process]:
    """Yield every process that the system shows us."""
    for folder in _PROC.iterdir():
        if folder.name.isdigit() and (process := read_process(int(folder.name))) is not None:
            yield process


def read_process(pid: int) -> Process | None:
    """Read one process; None where it is gone. Fields as in proc(5), `/proc/pid/stat`."""
    text = _read(f"{pid}/stat")
    if text is None:
        return None
    name = text[text.find("(") + 1 : text.rfind(")")]
    fields = text[text.rfind(")") + 2 :].split()
    try:
        return Process(
            pid=pid,
            parent=int(fields[1]),
            name=name,
            state=fields[0],
            ticks=sum(int(field) for field in fields[11:15]),
            began=int(fields[19]),
        )
    except (IndexError, ValueError):
        return None


def moved_bytes(pid: int) -> int:
    """Return how many bytes a process has read and written; 0 where that is not told."""
    total = 0
    for line in (_read(f"{pid}/io") or "").splitlines():
        name, _, number = line.partition(": ")
        if name in ("rchar", "wchar") and number.isdigit():
            total += int(number)
    return total


def where_it_waits(pid: int, *, most: int = 12) -> Iterator[str]:
    """Yield, for the threads of a process, in what state and where in the kernel they wait."""
    counted: Counter[str] = Counter()
    with contextlib.suppress(OSError):
        for thread in sorted((_PROC / str(pid) / "task").iterdir()):
            counted[_of_thread(f"{pid}/task/{thread.name}")] += 1
    for said, number in counted.most_common(most):
        yield f"{number} threads {said}" if number > 1 else f"a thread {said}"


def kernel_stack(pid: int) -> tuple[str, ...]:
    """Return the kernel's functions in which the main thread is; empty where not allowed."""
    text = _read(f"{pid}/stack") or ""
    found = (line.partition("] ")[2].partition("+")[0] for line in text.splitlines())
    return tuple(name for name in found if name)


def _of_thread(place: str) -> str:
    stat = _read(f"{place}/stat") or ""
    state = stat[stat.rfind(")") + 2 :][:1]
    said = _STATES.get(state, "in an unknown state")
    name = (_read(f"{place}/comm") or "").strip()
    waits = (_read(f"{place}/wchan") or "").strip()
    call = (_read(f"{place}/syscall") or "").split()[:1]
    where = f" in {waits}" if waits not in ("", "0") else ""
    number = f" (system call {call[0]})" if call and call[0].isdigit() else ""
    return f"{name!r} {said}{where}{number}"


def _read(place: str) -> str | None:
    try:
        return (_PROC / place).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
