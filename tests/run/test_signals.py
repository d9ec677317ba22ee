"""Signals reach the command once, whoever sent them and to whom."""

import os
import shlex
import signal
import subprocess
import time

import pytest

from .started import QUIETLY, OnTerminal, eventually, on_terminal, python, surroundings

COUNTS = """
import signal, sys, time
seen = []
for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
    signal.signal(each, lambda number, _frame: seen.append(number))
print('ready', flush=True)
for _ in range(400):
    time.sleep(0.02)
    if seen:
        break
time.sleep(0.4)
print('seen', seen, flush=True)
sys.exit(7)
"""
BOTH = pytest.mark.parametrize("before", [[], [*QUIETLY]], ids=["bare", "ours"])


@BOTH
def test_ctrl_c_on_a_terminal_reaches_the_command_once(before: list[str]) -> None:
    with OnTerminal([*before, *python(COUNTS)]) as terminal:
        terminal.until(b"ready\r\n")
        terminal.type(b"\x03")
        shown = terminal.to_the_end()
    assert shown.out == b"ready\r\n^Cseen [2]\r\n"
    assert shown.returncode == 7


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGUSR1])
@pytest.mark.parametrize("to_all", [True, False], ids=["to the group", "to us alone"])
def test_a_signal_in_a_pipe_reaches_the_command_once(number: signal.Signals, to_all: bool) -> None:
    with subprocess.Popen(
        [*QUIETLY, *python(COUNTS)],
        stdout=subprocess.PIPE,
        start_new_session=True,
        env=surroundings(),
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        (os.killpg if to_all else os.kill)(process.pid, number)
        assert process.stdout.read() == f"seen [{int(number)}]\n".encode()
    assert process.returncode == 7


def test_an_interrupted_command_leaves_by_sigint() -> None:
    code = python("import time; print('ready', flush=True); time.sleep(20)")
    with OnTerminal([*QUIETLY, *code]) as terminal:
        terminal.until(b"ready\r\n")
        terminal.type(b"\x03")
        shown = terminal.to_the_end()
    assert shown.returncode == -signal.SIGINT
    # From Python 3.13 on the last line is colored on a terminal.
    assert b"KeyboardInterrupt" in shown.out.splitlines()[-1]


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    code = "import signal; print(signal.getsignal(signal.SIGHUP) == signal.SIG_IGN)"
    done = subprocess.run(
        ["sh", "-c", 'trap "" HUP; exec "$@"', "sh", *QUIETLY, *python(code)],
        capture_output=True,
        check=True,
        env=surroundings(),
    )
    assert done.stdout == b"True\n"


def test_stopping_us_alone_stops_the_command_and_it_goes_on_with_us() -> None:
    code = (
        "import os, time\n"
        "print('pid', os.getpid(), 'runs', flush=True)\n"
        "while True: time.sleep(0.01)"
    )
    with OnTerminal(["bash", "--norc", "-i"], variables={"PS1": "ready> "}) as terminal:
        terminal.until(b"ready> ")
        terminal.type(shlex.join([*QUIETLY, *python(code)]).encode() + b"\n")
        pid = int(terminal.until(b" runs\r\n").rpartition(b"pid ")[2].split()[0])
        ours = parent_of(pid)
        os.kill(ours, signal.SIGTSTP)
        terminal.until(b"Stopped")
        wait_for(pid, "T")
        terminal.type(b"bg\n")
        wait_for(pid, "SR")
        os.kill(ours, signal.SIGTERM)
        assert eventually(pid)
        assert eventually(ours)


def test_a_command_whose_terminal_ended_hears_of_it() -> None:
    shown = on_terminal([*QUIETLY, "sh", "-c", "kill -HUP $PPID; sleep 5"])
    assert shown.returncode == -signal.SIGHUP


def parent_of(pid: int) -> int:
    with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
        return int(file.read().rpartition(")")[2].split()[1])


def wait_for(pid: int, states: str) -> None:
    state = ""
    for _ in range(500):
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
            state = file.read().rpartition(")")[2].split()[0]
        if state in states:
            return
        time.sleep(0.02)
    raise AssertionError(state)
