"""A batch whose process is killed tells in one sentence where to go on, and keeps its answers."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import pytest


def children(process: int) -> list[int]:
    """Return the processes that a process started."""
    listed = Path(f"/proc/{process}/task/{process}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


@pytest.mark.long
def test_a_killed_process_of_a_batch_is_one_sentence_with_the_line_to_go_on_from(
    tmp_path: Path,
) -> None:
    text = "\n".join(["RuntimeError: CUDA error: out of memory"] * 40)
    asked = tmp_path / "asked.jsonl"
    asked.write_text("".join(json.dumps({"id": n, "text": text}) + "\n" for n in range(20_000)))
    with subprocess.Popen(
        [sys.executable, "-m", "firstmile", "diagnose", "--batch", str(asked)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    ) as batch:
        until = monotonic() + 30
        while not (workers := children(batch.pid)) and monotonic() < until:
            sleep(0.01)
        sleep(0.5)
        os.kill(workers[0], signal.SIGKILL)
        printed, said = batch.communicate(timeout=120)
    complaint = said.decode()
    answered = [json.loads(line)["id"] for line in printed.splitlines()]
    assert answered == list(range(len(answered)))
    assert len(answered) < 20_000
    assert batch.returncode == 2
    assert "Traceback" not in complaint
    assert f"tail -n +{len(answered) + 1} FILE" in complaint
