"""A command that stands still is looked at, told of once, and left alone."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from firstmile.run.processes import Tree, read_process, where_it_waits

from .started import LONGEST_SECONDS, eventually, surroundings

CODE = """
import os
import sys
from firstmile.run import run_command

def say(text):
    print(text, file=sys.stderr, flush=True)
    try:
        pipe = os.open(sys.argv[2], os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return
    os.write(pipe, b"go on\\n")
    os.close(pipe)

run = run_command(sys.argv[3:], hang_after_seconds=float(sys.argv[1]), say=say)
print("observed", len(run.quiet), run.ending.shown, file=sys.stderr)
"""
WAITS = "import sys; open(sys.argv[1]).readline()"


def watched(after: float, folder: Path, *command: str, **more: str) -> tuple[str, str]:
    """Run a command that is watched; return its output and what was said of it.

    The pipe that takes the place of PIPE lets it go on each time that something was said.
    """
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    words = [word.replace("PIPE", str(pipe)) for word in command]
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(after), str(pipe), *words],
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
        check=True,
        env=surroundings(**more),
    )
    return done.stdout, done.stderr


def test_a_quiet_command_is_told_of_once_and_goes_on(tmp_path: Path) -> None:
    script = "echo begins; cat PIPE; sleep 0.8; echo ends"
    out, said = watched(0.3, tmp_path, "sh", "-c", script)
    assert out == "begins\ngo on\nends\n"
    assert said.count("No output and no work") == 2
    assert "2 processes" in said
    assert "(cat), sleeping" in said
    assert "observed 2 0" in said


def test_a_quiet_time_is_told_of_once(tmp_path: Path) -> None:
    pipe = tmp_path / "other"
    os.mkfifo(pipe)
    script = f"(sleep 1.5; echo > {pipe}) & exec 9<PIPE; cat {pipe}"
    _, said = watched(0.3, tmp_path, "sh", "-c", script)
    assert "observed 1 0" in said


def test_work_without_output_is_no_standing_still(tmp_path: Path) -> None:
    busy = "import time\nend = time.monotonic() + 1\nwhile time.monotonic() < end: pass"
    assert "observed 0 0" in watched(0.5, tmp_path, sys.executable, "-c", busy)[1]


@pytest.mark.long
def test_output_without_work_is_no_standing_still(tmp_path: Path) -> None:
    script = "for i in 1 2 3 4 5 6 7 8 9; do echo $i; sleep 0.2; done"
    assert "observed 0 0" in watched(1.5, tmp_path, "sh", "-c", script)[1]


def test_where_the_stacks_cannot_be_read_the_kernel_is_asked(tmp_path: Path) -> None:
    said = with_dumper(tmp_path, "echo 'Error: Permission denied (os error 13)' >&2; exit 1")
    assert "py-spy cannot read them: Error: Permission denied (os error 13)" in said
    assert "a thread 'python" in said


def test_stacks_that_py_spy_reads_are_shown(tmp_path: Path) -> None:
    said = with_dumper(tmp_path, 'echo "$@"; echo "    waits_for_ever (train.py:7)"')
    assert "waits_for_ever (train.py:7)" in said
    assert "dump --nonblocking --pid" in said


def with_dumper(folder: Path, script: str) -> str:
    """Return what is said of a waiting Python where py-spy does what a script does."""
    dumper = folder / "py-spy"
    dumper.write_text(f"#!/bin/sh\n{script}\n")
    dumper.chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    return watched(0.3, folder, sys.executable, "-c", WAITS, "PIPE", PATH=path)[1]


def test_a_tree_keeps_those_whose_parent_has_ended(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = f"sh -c 'sleep 20 & echo $! > {note}; sleep 0.6'; sleep 20"
    process = subprocess.Popen(["sh", "-c", script])
    tree = Tree(process.pid)
    try:
        began = time.monotonic()
        while not (note.exists() and note.read_text().strip()):
            assert time.monotonic() - began < LONGEST_SECONDS
            time.sleep(0.02)
        orphan = int(note.read_text())
        assert orphan in [each.pid for each in tree.look()]
        parent = read_process(orphan)
        assert parent is not None
        assert eventually(parent.parent)
        assert orphan in [each.pid for each in tree.look()]
        os.kill(orphan, 9)
    finally:
        process.kill()
        process.wait()
    assert process.pid not in [each.pid for each in tree.look()]


def test_a_process_says_where_it_waits() -> None:
    process = subprocess.Popen(["sleep", "20"])
    try:
        time.sleep(0.1)
        (said,) = where_it_waits(process.pid)
        assert said.startswith("a thread 'sleep' sleeping")
        assert not list(where_it_waits(2**22 + 1))
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("pid", [0, 2**22 + 1])
def test_a_process_that_is_gone_is_none(pid: int) -> None:
    assert read_process(pid) is None
