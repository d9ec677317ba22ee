"""Watching for a command that stands still, and telling what its processes do then.

It is only looked at: nothing is stopped, signalled or ended.
"""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from firstmile.run.capture import Capture
from firstmile.run.processes import (
    Process,
    Tree,
    can_look,
    kernel_stack,
    moved_bytes,
    where_it_waits,
)

IDLE_SHARE: Final = 0.02
"""A share of one core below which all processes together count as standing still: threads that
only look whether there is work use less, and any work uses more."""

MOST_PROCESSES: Final = 32
MOST_LINES: Final = 60
"""Lines of one process's stacks."""

_DUMP_SECONDS: Final = 10.0


class Watch:
    """A thread that looks at a run from its start to `finish`."""

    def __init__(
        self,
        pid: int,
        capture: Capture,
        after_seconds: float | None,
        say: Callable[[str], None],
    ) -> None:
        """Prepare; without `after_seconds` nothing is watched."""
        self._tree, self._capture, self._say = Tree(pid), capture, say
        self._after = after_seconds
        self._ended = threading.Event()
        self._observations: list[str] = []
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Begin to watch, where that was asked for and the system tells of its processes."""
        if self._after is not None and can_look():
            self._thread.start()

    def finish(self) -> tuple[str, ...]:
        """End, and return what was observed, one text for each quiet time."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        return tuple(self._observations)

    def _watch(self) -> None:
        assert self._after is not None
        step = min(max(self._after / 8, 0.05), 5.0)
        quiet, told = 0.0, False
        looked, ticks, moved = time.monotonic(), -1, 0
        written = self._capture.seen_bytes
        per_second = os.sysconf("SC_CLK_TCK")
        while not self._ended.wait(step):
            processes = self._tree.look()
            now, spent = time.monotonic(), sum(each.ticks for each in processes)
            passed = now - looked
            # One tick is the least that can be seen: a short step must not take it for work.
            worked = ticks < 0 or spent - ticks > max(1, IDLE_SHARE * passed * per_second)
            stopped = any(each.is_stopped for each in processes[:1])
            if worked or stopped or spent < ticks or self._capture.seen_bytes != written:
                quiet, told = 0.0, False
                moved = sum(moved_bytes(each.pid) for each in processes)
            else:
                # While we were stopped ourselves, nothing was seen.
                quiet += min(passed, 2 * step)
            looked, ticks, written = now, spent, self._capture.seen_bytes
            if quiet >= self._after and not told and processes:
                told = True
                self._tell(processes, quiet, moved)

    def _tell(self, processes: Sequence[Process], quiet: float, moved: int) -> None:
        now = sum(moved_bytes(each.pid) for each in processes)
        lines = [*_head(processes, quiet, now - moved), *_stacks(processes, self._ended)]
        if not self._ended.is_set():
            self._observations.append("\n".join(lines))
            self._say(self._observations[-1])


def _head(processes: Sequence[Process], quiet: float, moved: int) -> Iterator[str]:
    number = "1 process" if len(processes) == 1 else f"{len(processes)} processes"
    yield f"No output and no work for {quiet:.0f} s. {number}, left undisturbed:"
    if moved > 0:
        yield f"  They read or wrote {moved} bytes in that time."


def _stacks(processes: Sequence[Process], ended: threading.Event) -> Iterator[str]:
    """Yield what each process is doing: its Python stacks where they can be read."""
    dumper = _dumper()
    refused = None
    for process in processes[:MOST_PROCESSES]:
        if ended.is_set():
            return
        yield f"  process {process.pid} ({process.name}), {process.doing}"
        dumped: Sequence[str] = ()
        if dumper is not None and refused is None and _is_python(process.pid):
            dumped, refused = _dump(dumper, process.pid)
        if dumped:
            yield from (f"    {line}" for line in dumped[:MOST_LINES])
            continue
        yield from (f"    {line}" for line in where_it_waits(process.pid))
        if stack := kernel_stack(process.pid):
            yield f"    in the kernel: {' < '.join(stack[:6])}"
    if len(processes) > MOST_PROCESSES:
        yield f"  and {len(processes) - MOST_PROCESSES} processes more"
    if dumper is None:
        yield "  (pip install py-spy shows the Python stacks here as well.)"
    elif refused:
        yield f"  (py-spy cannot read them: {refused})"


def _dumper() -> str | None:
    """Return where py-spy is: on the PATH, or beside our own Python."""
    beside = Path(sys.executable).with_name("py-spy")
    return shutil.which("py-spy") or (str(beside) if beside.is_file() else None)


def _is_python(pid: int) -> bool:
    """Whether a process runs Python, by its program or a library that it has loaded."""
    try:
        if "python" in Path(f"/proc/{pid}/exe").readlink().name:
            return True
        return "libpython" in Path(f"/proc/{pid}/maps").read_text(
            encoding="utf-8", errors="replace"
        )
    except OSError:
        return False


def _dump(dumper: str, pid: int) -> tuple[Sequence[str], str | None]:
    """Return the lines of a process's Python stacks, or why there are none.

    `--nonblocking` reads without stopping the process: one that stands still does not move away.
    """
    command = [dumper, "dump", "--nonblocking", "--pid", str(pid)]
    try:
        done = subprocess.run(  # noqa: S603 - py-spy and a number
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_DUMP_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return (), type(error).__name__
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    if done.returncode == 0 and lines:
        return lines, None
    return (), said[0][:200] if said else f"status {done.returncode}"
