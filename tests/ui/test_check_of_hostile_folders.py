"""Whatever lies in a folder: the check ends soon, in little memory, in words, and runs nothing.

Each case is judged by the whole command in a process of its own, which is forked from one that
has imported it.
"""

import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from .hostile_folders import HOSTILE, SERVE, model

SECONDS: Final = 20.0
"""Of computing, with all children; other work on the machine makes the clock no measure."""
BY_THE_CLOCK: Final = 120.0
PEAK_MIB: Final = 1_200.0
"""Of the largest process: the child that renders templates may have 1 GiB."""
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_SERVER: Final = """
import json, os, resource, signal, sys, time
from firstmile.ui import check_command
from firstmile.ui.cli import main
for line in sys.stdin:
    asked = json.loads(line)
    child = os.fork()
    if child == 0:
        os.setsid()
        os.chdir(asked["place"])
        for number in (1, 2):
            os.dup2(os.open(f"told.{number}", os.O_WRONLY | os.O_CREAT, 0o600), number)
        status = 0
        try:
            main(["check", *asked["arguments"]])
        except SystemExit as error:
            status = error.code if isinstance(error.code, int) else 1
        except BaseException:
            import traceback
            traceback.print_exc()
            status = 99
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    until = time.monotonic() + asked["seconds"]
    done = 0
    while not done and time.monotonic() < until:
        done, status, usage = os.wait4(child, os.WNOHANG)
        time.sleep(0.005)
    if not done:
        os.killpg(child, signal.SIGKILL)
        _, status, usage = os.wait4(child, 0)
    answer = {"status": os.waitstatus_to_exitcode(status), "peak": usage.ru_maxrss / 1024}
    answer["seconds"] = usage.ru_utime + usage.ru_stime
    print(json.dumps(answer), flush=True)
"""


Ask = Callable[[Path, list[str]], dict[str, Any]]


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """Judge as the command does; returns exit status, seconds, MiB and what was printed."""
    server = subprocess.Popen(
        [sys.executable, "-c", _SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    asking, answering = server.stdin, server.stdout
    assert asking is not None
    assert answering is not None

    def asked(place: Path, arguments: list[str]) -> dict[str, Any]:
        told = {"place": str(place), "arguments": arguments, "seconds": BY_THE_CLOCK}
        asking.write(json.dumps(told) + "\n")
        asking.flush()
        answer: dict[str, Any] = json.loads(answering.readline())
        texts = [(place / f"told.{number}").read_bytes() for number in (1, 2)]
        return answer | {"text": b"".join(texts).decode()}

    yield asked
    asking.close()
    server.wait(timeout=BY_THE_CLOCK)
    answering.close()


def harm(answer: dict[str, Any], place: Path) -> list[str]:
    """Say what a judged folder did that none may do."""
    text = answer["text"]
    found = []
    if answer["status"] not in (0, 1, 2):
        found.append(f"it ended with {answer['status']}")
    if answer["seconds"] > SECONDS:
        found.append(f"it computed for {answer['seconds']:.0f} s")
    if answer["peak"] > PEAK_MIB:
        found.append(f"it took {answer['peak']:.0f} MiB")
    if "Traceback" in text or "firstmile failed" in text or "was-run" in "".join(names(place)):
        found.append("it broke, or ran something")
    if control := _CONTROL.search(text):
        found.append(f"it printed {control[0]!r}")
    if not text.strip():
        found.append("it said nothing")
    if answer["status"] == 2 and len(text.strip()) > 1_500:
        found.append(f"it refused in {len(text)} characters")
    return found


def names(place: Path) -> list[str]:
    return [each.name for each in place.glob("*")]


@pytest.mark.long
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_folder_is_judged_or_refused(name: str, ask: Ask, tmp_path: Path) -> None:
    place = tmp_path / "here"
    place.mkdir()
    try:
        answer = ask(place, HOSTILE[name](place))
        assert harm(answer, place) == [], answer
    finally:
        subprocess.run(["rm", "-rf", place], check=True)


@pytest.mark.long
def test_a_folder_that_is_written_while_it_is_judged_is_bounded(ask: Ask, tmp_path: Path) -> None:
    folder = model(tmp_path)
    ended = threading.Event()

    def write() -> None:
        texts = ('{"model_type": "llama"}', "{", '{"model_type": "' + "x" * 99_999 + '"}')
        for turn in range(10**6):
            for name in ("config.json", "tokenizer.json", "model.safetensors", "m.gguf", "m.bin"):
                (folder / name).unlink(missing_ok=True)
                if turn % 4 < 3:
                    (folder / name).write_text(texts[turn % 3])
                else:
                    (folder / name).symlink_to("/etc/passwd")
            if ended.is_set():
                return
            time.sleep(0.0005)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(3):
            answer = ask(tmp_path, SERVE)
            assert harm(answer, tmp_path) == [], answer
            assert "root:" not in answer["text"]
    finally:
        ended.set()
        writer.join()


@pytest.mark.long
def test_what_harms_is_seen(ask: Ask, tmp_path: Path) -> None:
    """Without this, the tests above could not fail."""
    assert harm(ask(tmp_path, ["--no-such-option"]), tmp_path) == []
    (tmp_path / "was-run").touch()
    bad = {"status": -9, "seconds": 99.0, "peak": 9_999.0, "text": "\x1b[2J"}
    assert len(harm(bad, tmp_path)) == 5
