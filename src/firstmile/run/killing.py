"""What the kernel says of a process that it ended for lack of memory."""

import contextlib
import os
import re
import sys
from dataclasses import dataclass
from typing import Final

from firstmile.facts.cgroups import oom_kills
from firstmile.facts.machine import Machine
from firstmile.run.ending import Ending

_KILLED: Final = re.compile(r"(?:Memory cgroup out of memory|Out of memory): Kill(?:ed)? process")
_ABOUT: Final = re.compile(r"oom-kill:constraint=|invoked oom-killer")
_RECORD_BYTES: Final = 8192
_MOST_LINES: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Counters of processes ended for lack of memory; None where they cannot be read.

    `group` is that of our control group, `machine` that of everything the kernel runs. `lines`
    are those that its log gained on the subject since it was last read.
    """

    group: int | None = None
    machine: int | None = None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """That the kernel ended a process of the run, and what shows it.

    `is_certain` is False where only the whole machine's counter rose: another program's process
    may have been meant. `lines` are those of the kernel's log, or a line that says the same.
    """

    is_certain: bool
    sentences: tuple[str, ...]
    lines: tuple[str, ...]


class Kernel:
    """The kernel's counters and log, from now on; each of them may be out of reach."""

    def __init__(self, machine: Machine | None = None) -> None:
        """Begin to listen to the log at its end."""
        self._machine = machine or Machine()
        self._log = _open_log(self._machine)

    def counts(self) -> Counts:
        """Read the counters, and what the log gained since this was last called."""
        if self._machine.platform != "linux":
            return Counts()
        return Counts(
            group=oom_kills(self._machine),
            machine=self._of_machine(),
            lines=tuple(self._new_lines()),
        )

    def close(self) -> None:
        """Let the log go."""
        if self._log is not None:
            os.close(self._log)
            self._log = None

    def _of_machine(self) -> int | None:
        for line in (self._machine.read_if_there("/proc/vmstat") or "").splitlines():
            name, _, number = line.partition(" ")
            if name == "oom_kill" and number.isdigit():
                return int(number)
        return None

    def _new_lines(self) -> list[str]:
        found: list[str] = []
        while self._log is not None:
            try:
                record = os.read(self._log, _RECORD_BYTES)
            except BrokenPipeError:  # records were overwritten before we read them
                continue
            except OSError:
                break
            if not record:
                break
            message = record.decode("utf-8", "replace").partition(";")[2].partition("\n")[0]
            if _KILLED.search(message) or _ABOUT.search(message):
                found.append(message)
        return found[-_MOST_LINES:]


def _open_log(machine: Machine) -> int | None:
    """Open the kernel's log behind its last record; None where that is not allowed.

    Each read gives one record (the kernel's documentation, `ABI/testing/dev-kmsg`).
    """
    if sys.platform != "linux":
        return None
    with contextlib.suppress(OSError):
        log = os.open(machine.at("/dev/kmsg"), os.O_RDONLY | os.O_NONBLOCK)
        with contextlib.suppress(OSError):
            os.lseek(log, 0, os.SEEK_END)
            return log
        os.close(log)
    return None


def evidence_of_kill(ending: Ending, before: Counts, after: Counts) -> Kill | None:
    """Return what shows that the kernel ended a process of a failed run; None where nothing does.

    A worker's end often makes its parent fail with another status: the control group's counter
    counts whatever the status is, that of the machine only beside SIGKILL.
    """
    if ending.is_success:
        return None
    in_group = _risen(before.group, after.group)
    killed = tuple(line for line in after.lines if _KILLED.search(line))
    if in_group:
        others = "process" if in_group == 1 else "processes"
        return Kill(
            is_certain=True,
            sentences=(
                f"The kernel ended {in_group} {others} of this control group for lack of memory "
                f"during the run (its count went from {before.group} to {after.group}).",
            ),
            lines=killed or ("Memory cgroup out of memory: Killed process of this run",),
        )
    on_machine = _risen(before.machine, after.machine)
    if not ending.is_kill or not (on_machine or killed):
        return None
    said = "The kernel's log names a process that it ended for lack of memory during the run."
    if not killed:
        said = (
            "The kernel ended a process of this machine for lack of memory during the run "
            f"(its count went from {before.machine} to {after.machine})."
        )
    return Kill(is_certain=bool(killed), sentences=(said,), lines=killed)


def _risen(before: int | None, after: int | None) -> int:
    return 0 if before is None or after is None else max(0, after - before)
