"""Recording: the logs of runs, without anything of the machine that they ran on."""

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import firstmile
from firstmile.diagnose.reading import read_lines
from firstmile.errors import UserError
from firstmile.redaction import redact

LONGEST_LOG: Final = 40_000
WORK: Final = "/home/user/project"
SITE: Final = "/home/user/venv/lib/python3.11/site-packages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One run that has ended, and its log; a negative status is the signal that ended it.

    `missing` names the modules without which it could not be run; then there is no log.
    """

    id: str
    kind: str
    log: str
    status: int
    seconds: float
    timed_out: bool
    missing: tuple[str, ...] = ()


def record(python: Path, asked: Iterable[Mapping[str, Any]]) -> Iterator[Recorded]:
    """Run faults or healthy runs in the environment of `python`, and yield their logs.

    Each of `asked` has `id`, `kind`, `seconds` and `needs`. Raises UserError when the server
    ends early.
    """
    asked = list(asked)
    with tempfile.TemporaryDirectory(prefix="lab-") as store:
        answered = 0
        for ended in answers(python, "firstmile.lab.fork_server", store, asked):
            answered += 1
            yield _recorded(ended, python=python, store=store)
        if answered < len(asked):
            raise UserError(
                f"The lab's server ended after {answered} of {len(asked)} runs, at "
                f"{asked[answered]['id']}."
            )


def answers(
    python: Path,
    server: str,
    store: str | Path,
    asked: Iterable[Mapping[str, Any]],
    *,
    quiet: bool = False,
) -> Iterator[dict[str, Any]]:
    """Start a server of the lab, a module, in an environment; ask it all, and yield its answers.

    A quiet one says nothing of its own, as the libraries would that it makes models with.
    """
    settings = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(firstmile.__file__).parents[1]),
        "LC_ALL": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
    }
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [python, "-m", server, store],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if quiet else None,
        text=True,
        env=settings,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        for one in asked:
            process.stdin.write(json.dumps(one) + "\n")
        process.stdin.close()
        for line in process.stdout:
            yield json.loads(line)


def _recorded(ended: Mapping[str, Any], *, python: Path, store: str) -> Recorded:
    if "missing" in ended:
        return Recorded(
            id=ended["id"],
            kind=ended["kind"],
            log="",
            status=0,
            seconds=0.0,
            timed_out=False,
            missing=tuple(ended["missing"]),
        )
    log = ended["output"] + said_by_the_shell(ended["status"], timed_out=ended["timed_out"])
    return Recorded(
        id=ended["id"],
        kind=ended["kind"],
        log=neutral(log, folder=ended["folder"], store=store, python=python),
        status=ended["status"],
        seconds=ended["took"],
        timed_out=ended["timed_out"],
    )


def said_by_the_shell(status: int, *, timed_out: bool) -> str:
    """Return the line that bash writes below a process that a signal has ended."""
    if status >= 0 or timed_out:
        return ""
    said = {
        "Aborted": "Aborted (core dumped)",
        "Segmentation fault": "Segmentation fault (core dumped)",
    }
    name = signal.strsignal(-status) or "Killed"
    return said.get(name, name) + "\n"


def neutral(log: str, *, folder: str, store: str, python: Path) -> str:
    """Take the machine's paths, names and secrets out of a log, and cut one that is too long."""
    package = Path(firstmile.__file__).parent
    environment = python.parent.parent.absolute()
    places = (
        (re.escape(folder) + r"/\.home\b", "/home/user"),
        (re.escape(folder), WORK),
        (re.escape(store) + r"/home\b", "/home/user"),
        (re.escape(store), "/home/user/models"),
        (re.escape(f"{package}/lab/faults/") + r"\w+\.py", f"{WORK}/run.py"),
        (re.escape(f"{package}/lab/") + r"[\w/]+\.py", f"{WORK}/run.py"),
        (re.escape(str(environment.parent)) + r"/lab[\w.-]*/lib/python3\.\d+/site-packages", SITE),
        (re.escape(str(environment.parent)) + r"/lab[\w.-]*", "/home/user/venv"),
        (r"/[\w./-]*/lib/python3\.(\d+)/(?!site-packages)", r"/usr/lib/python3.\1/"),
        (r"\b" + re.escape(socket.gethostname()) + r"\b", "machine"),
    )
    for pattern, plain in places:
        log = re.sub(pattern, plain, log)
    return _shortened(redact(log.replace("\0", "")).text)


def _shortened(log: str) -> str:
    if len(log.encode()) <= LONGEST_LOG - 400:
        return log
    half = LONGEST_LOG // 2 - 400
    start, end = (
        log.encode()[:half].decode(errors="ignore"),
        log.encode()[-half:].decode(errors="ignore"),
    )
    return start.rsplit("\n", 1)[0] + "\n[...]\n" + end.split("\n", 1)[-1]


_CHANGING: Final = re.compile(r"0x[0-9a-fA-F]+|\b[0-9a-f]{8,}\b|\d+(?:[.,:]\d+)*|tmp\w{8}")
_BAR: Final = re.compile(r"%\|.{0,200}\|\s*[\d.]+\w?/[\d.]+\w? \[")


def essence(log: str) -> list[str]:
    """Return the lines of a log that say something, sorted, without what differs from run to run.

    Numbers, addresses and progress differ each time, and ranks take turns as they like.
    """
    lines = {line.text for line in read_lines(log) if not _BAR.search(line.text)}
    return sorted({_CHANGING.sub("#", line) for line in lines})
