"""Runs are started, watched, ended and made into logs without anything of the machine."""

import os
import selectors
import signal
import time
from collections.abc import Callable
from pathlib import Path

from firstmile.lab import fork_server
from firstmile.lab.recording import LONGEST_LOG, essence, neutral, said_by_the_shell
from firstmile.lab.workbench import Workbench


def run_to_its_end(
    run: Callable[[Workbench], None], store: Path, seconds: float = 20.0
) -> dict[str, object]:
    running = fork_server.start(run, store=store, asked={"id": "one", "seconds": seconds})
    with selectors.DefaultSelector() as selector:
        selector.register(running.reading, selectors.EVENT_READ, running)
        while not list(fork_server.read_once(selector)):
            pass
    return fork_server.finish(running)


def test_both_streams_of_a_run_are_kept_in_order(tmp_path: Path) -> None:
    def run(bench: Workbench) -> None:
        bench.say("said")
        os.write(2, b"written to descriptor 2\n")

    ended = run_to_its_end(run, tmp_path)
    assert ended["output"] == "said\nwritten to descriptor 2\n"
    assert ended["status"] == 0


def test_a_traceback_begins_in_the_code_of_the_run(tmp_path: Path) -> None:
    def run(bench: Workbench) -> None:
        raise ValueError("it is broken")

    ended = run_to_its_end(run, tmp_path)
    lines = str(ended["output"]).splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert "test_recording.py" in lines[1]
    assert lines[-1] == "ValueError: it is broken"
    assert ended["status"] == 1


def lives(process: int) -> bool:
    """Whether a process is there and more than a name that nobody has collected."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def test_a_run_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    def run(bench: Workbench) -> None:
        child = os.fork()
        if child:
            bench.say(child)
        time.sleep(60)

    ended = run_to_its_end(run, tmp_path, seconds=0.5)
    assert ended["timed_out"]
    assert ended["status"] == -signal.SIGKILL
    until = time.monotonic() + 20
    while lives(int(str(ended["output"]))) and time.monotonic() < until:
        time.sleep(0.01)
    assert not lives(int(str(ended["output"])))


def test_the_signal_that_ended_a_run_is_its_status(tmp_path: Path) -> None:
    def run(bench: Workbench) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    ended = run_to_its_end(run, tmp_path)
    assert ended["status"] == -signal.SIGTERM


def test_a_run_leaves_no_folder_behind(tmp_path: Path) -> None:
    def run(bench: Workbench) -> None:
        (bench.folder / "file").write_text("something")

    run_to_its_end(run, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_ranks_end_as_badly_as_the_worst_of_them(tmp_path: Path) -> None:
    def run(bench: Workbench) -> None:
        def work(rank: int) -> None:
            if rank == 1:
                raise RuntimeError(f"rank {rank} of {os.environ['WORLD_SIZE']} has failed")

        bench.ranks(2, work)

    ended = run_to_its_end(run, tmp_path)
    assert "RuntimeError: rank 1 of 2 has failed" in str(ended["output"])
    assert ended["status"] == 1


def test_the_shell_says_something_of_a_process_that_was_killed() -> None:
    assert said_by_the_shell(1, timed_out=False) == ""
    assert said_by_the_shell(-9, timed_out=True) == ""
    assert said_by_the_shell(-9, timed_out=False) == "Killed\n"
    assert said_by_the_shell(-11, timed_out=False) == "Segmentation fault (core dumped)\n"


def cleaned(log: str) -> str:
    python = Path("/opt/project/.cache/lab/bin/python")
    return neutral(log, folder="/var/x/lab-1/run-2", store="/var/x/lab-1", python=python)


def test_places_of_the_machine_become_those_of_any_user() -> None:
    log = (
        'File "/opt/project/.cache/lab/lib/python3.11/site-packages/torch/nn.py", line 3\n'
        'File "/home/me/.pyenv/versions/3.11.7/lib/python3.11/contextlib.py", line 8\n'
        "/var/x/lab-1/run-2/model\n/var/x/lab-1/run-2/.home/huggingface\n/var/x/lab-1/home/.cache\n"
    )
    assert cleaned(log) == (
        'File "/home/user/venv/lib/python3.11/site-packages/torch/nn.py", line 3\n'
        'File "/usr/lib/python3.11/contextlib.py", line 8\n'
        "/home/user/project/model\n/home/user/huggingface\n/home/user/.cache\n"
    )


def test_a_log_that_is_too_long_keeps_its_start_and_end() -> None:
    log = cleaned("".join(f"line {number}\n" for number in range(10_000)))
    assert len(log) < LONGEST_LOG
    assert log.startswith("line 0\n")
    assert log.endswith("line 9999\n")
    assert "\n[...]\n" in log


def test_numbers_bars_and_turns_of_ranks_do_not_make_another_log() -> None:
    first = "a 1.5 s\nb at 0x7f\nrun:  50%|█████     | 1/2 [00:01<00:01,  1.0it/s]\n"
    second = "b at 0x55\na 2.75 s\nrun: 100%|██████████| 2/2 [00:02<00:00,  1.0it/s]\n"
    assert essence(first) == essence(second)
    assert essence(first) != essence(first + "c is new\n")
