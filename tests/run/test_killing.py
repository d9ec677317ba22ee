"""A kill for lack of memory is told from other kills by what the kernel says."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from firstmile.facts.machine import Machine
from firstmile.run.ending import Ending
from firstmile.run.killing import Counts, Kernel, evidence_of_kill

from .started import QUIETLY, python, surroundings

KILLED = Ending(signal=signal.SIGKILL)
LINE = "Memory cgroup out of memory: Killed process 71 (python) total-vm:110172kB"


def test_a_kill_that_the_groups_counter_shows_is_certain() -> None:
    kill = evidence_of_kill(KILLED, Counts(group=1, machine=5), Counts(group=2, machine=6))
    assert kill is not None
    assert kill.is_certain
    assert kill.sentences == (
        "The kernel ended 1 process of this control group for lack of memory during the run "
        "(its count went from 1 to 2).",
    )


def test_the_lines_of_the_kernels_log_are_kept() -> None:
    after = Counts(group=1, lines=("python invoked oom-killer: gfp_mask=0xcc0", LINE))
    kill = evidence_of_kill(KILLED, Counts(group=0), after)
    assert kill is not None
    assert kill.lines == (LINE,)


def test_a_kill_that_only_the_whole_machine_counts_is_not_certain() -> None:
    kill = evidence_of_kill(KILLED, Counts(machine=5), Counts(machine=6))
    assert kill is not None
    assert not kill.is_certain


def test_a_workers_kill_counts_whatever_its_parent_left_with() -> None:
    kill = evidence_of_kill(Ending(status=1), Counts(group=0), Counts(group=4))
    assert kill is not None
    assert "4 processes" in kill.sentences[0]


@pytest.mark.parametrize(
    ("ending", "before", "after"),
    [
        (KILLED, Counts(group=3, machine=3), Counts(group=3, machine=3)),
        (KILLED, Counts(), Counts()),
        (KILLED, Counts(group=None, machine=1), Counts(group=2, machine=1)),
        (Ending(status=1), Counts(machine=1), Counts(machine=2, lines=(LINE,))),
        (Ending(status=0), Counts(group=0), Counts(group=1)),
    ],
    ids=["nothing rose", "nothing known", "no count before", "another program", "success"],
)
def test_a_kill_without_evidence_is_not_put_down_to_memory(
    ending: Ending, before: Counts, after: Counts
) -> None:
    assert evidence_of_kill(ending, before, after) is None


def test_counters_are_read_where_the_system_has_them(tmp_path: Path) -> None:
    for path, text in {
        "proc/vmstat": "nr_free_pages 1\noom_kill 12\n",
        "proc/self/cgroup": "0::/job\n",
        "sys/fs/cgroup/cgroup.controllers": "memory\n",
        "sys/fs/cgroup/job/memory.events": "oom 4\noom_kill 3\n",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    assert Kernel(Machine(root=tmp_path)).counts() == Counts(group=3, machine=12)
    assert Kernel(Machine(root=tmp_path / "empty")).counts() == Counts()


def groups() -> Iterator[Path]:
    """Yield where a memory group could be made below our own."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        number, controllers, path = line.split(":", 2)
        if controllers == "memory":
            yield Path(f"/sys/fs/cgroup/memory{path}")
        elif number == "0":
            yield Path(f"/sys/fs/cgroup{path}")


@contextlib.contextmanager
def small_group(size: int) -> Iterator[Path | None]:
    """Make a control group with so much memory; None where that is not allowed."""
    for parent in groups():
        group = parent / f"firstmile-test-{os.getpid()}"
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            limit = group / "memory.limit_in_bytes"
            with contextlib.suppress(OSError):
                (limit if limit.exists() else group / "memory.max").write_text(str(size))
                with contextlib.suppress(OSError):
                    (group / "memory.swap.max").write_text("0")
                yield group
                return
        finally:
            group.rmdir()
    yield None


def can_make_groups() -> bool:
    if sys.platform != "linux":
        return False
    with small_group(64 * 1024**2) as group:
        return group is not None


if can_make_groups():

    def test_a_real_kill_by_the_kernel_is_seen() -> None:
        fills = "x = []\nwhile True: x.append(bytearray(b'1') * 1048576)"
        code = (
            "import sys; from firstmile.run import run_command;"
            "run = run_command([sys.executable, '-c', sys.argv[1]]);"
            "print(run.ending.shown, run.kill.is_certain, run.kill.lines)"
        )
        with small_group(100 * 1024**2) as group:
            done = subprocess.run(
                [
                    "sh",
                    "-c",
                    f'echo $$ > {group}/cgroup.procs; exec "$@"',
                    "sh",
                    *python(code),
                    fills,
                ],
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
                env=surroundings(),
            )
        assert done.stdout.startswith("137 True ('Memory cgroup out of memory: Kill"), done


def test_memory_that_is_refused_is_a_crash_like_any_other() -> None:
    fills = "x = []\nwhile True: x.append(bytearray(b'1') * 1048576)"
    script = 'ulimit -v 400000; exec "$@"'
    done = subprocess.run(
        ["sh", "-c", script, "sh", *QUIETLY, *python(fills)],
        capture_output=True,
        timeout=60,
        check=False,
        env=surroundings(),
    )
    assert done.returncode == 1
    assert b"MemoryError" in done.stderr
