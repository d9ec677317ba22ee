"""The fork server: imports the libraries once, then forks a process for every run.

Started as `python -m firstmile.lab.fork_server STORE` in an environment of the lab. It reads one
JSON object a line, `{"id": ..., "kind": "fault" | "healthy", "seconds": ..., "needs": [...]}`,
until its input ends, and writes one for
every run that has ended: what was asked, `output` (both streams as they came), `status`
(negative: the signal that ended it), `took` (seconds), `timed_out` and `folder`; or `missing`,
the modules without which it cannot be run.
"""

import importlib
import json
import os
import resource
import selectors
import shutil
import signal
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from firstmile.lab import small_models
from firstmile.lab.fault import find_faults
from firstmile.lab.healthy import find_healthy
from firstmile.lab.workbench import Workbench, leave_with

MOST_BYTES: Final = 400_000
"""What is kept of one run's output; a run that writes more has lost its way."""

SETTINGS: Final[Mapping[str, str]] = {
    "OMP_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "0",
    "CUDA_VISIBLE_DEVICES": "",
    "GLOO_SOCKET_IFNAME": "lo",
    "COLUMNS": "120",
}
"""Offline runs ask for it themselves: a variable would change what the library says."""


def import_libraries() -> None:
    """Import what nearly every run needs, before the first fork."""
    for name in ("accelerate", "peft", "datasets", "trl", "gguf"):
        # What does not fit the older transformers is missing there as it would be for a user.
        with suppress(ImportError, AttributeError, RuntimeError):
            importlib.import_module(name)
    transformers = importlib.import_module("transformers")
    torch = importlib.import_module("torch")
    torch.set_num_threads(1)
    for name in ("AutoModelForCausalLM", "AutoTokenizer", "LlamaForCausalLM", "Trainer"):
        with suppress(ImportError, RuntimeError):
            getattr(transformers, name)


def serve(store: Path) -> None:
    """Run what is asked for, as many at a time as there are processors, and answer for each."""
    home = store / "home"
    os.environ.update(SETTINGS, HF_HOME=str(home / ".cache" / "huggingface"))
    answers = os.dup(1)
    os.dup2(2, 1)
    import_libraries()
    for kind in small_models.CONFIGS:
        small_models.make(kind, store / kind)
    runs: dict[tuple[str, str], Callable[[Workbench], None]] = {
        **{("fault", name): seeded.run for name, seeded in find_faults().items()},
        **{("healthy", name): run for name, run in find_healthy().items()},
    }
    waiting: deque[dict[str, Any]] = deque(json.loads(line) for line in sys.stdin)
    with selectors.DefaultSelector() as selector, os.fdopen(answers, "w") as out:
        while waiting or selector.get_map():
            while waiting and len(selector.get_map()) < (os.cpu_count() or 1):
                asked = waiting.popleft()
                if missing := [name for name in asked["needs"] if find_spec(name) is None]:
                    out.write(json.dumps({**asked, "missing": missing}) + "\n")
                    continue
                running = start(runs[asked["kind"], asked["id"]], store=store, asked=asked)
                selector.register(running.reading, selectors.EVENT_READ, running)
            for running in read_once(selector) if selector.get_map() else ():
                selector.unregister(running.reading)
                out.write(json.dumps({**running.asked, **finish(running)}) + "\n")
                out.flush()


@dataclass
class Running:
    """A run on its way: its process, its output so far, and when it is ended from outside."""

    asked: Mapping[str, Any]
    child: int
    reading: int
    folder: Path
    started: float
    output: bytearray = field(default_factory=bytearray)
    timed_out: bool = False

    @property
    def until(self) -> float:
        """When its time is over."""
        return self.started + float(self.asked["seconds"])


def start(run: Callable[[Workbench], None], *, store: Path, asked: Mapping[str, Any]) -> Running:
    """Start a run in a process group of its own, in an empty folder that goes away after it."""
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=store))
    reading, writing = os.pipe()
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _become_a_run(run, Workbench(folder=folder, store=store), writing)
    os.close(writing)
    return Running(asked=asked, child=child, reading=reading, folder=folder, started=started)


def read_once(selector: selectors.BaseSelector) -> Iterator[Running]:
    """Take what the runs have written by now; yields those that have ended or must end.

    A run has ended when nobody holds its pipe: a grandchild that does is waited for, too.
    """
    held: list[Running] = [key.data for key in selector.get_map().values()]
    left = min(running.until for running in held) - time.monotonic()
    ready = {key.fd for key, _ in selector.select(max(left, 0.0))}
    for running in held:
        if running.reading in ready:
            part = os.read(running.reading, 65_536)
            if len(running.output) < MOST_BYTES:
                running.output += part
            if not part:
                yield running
                continue
        if time.monotonic() >= running.until:
            running.timed_out = True
            yield running


def finish(running: Running) -> dict[str, Any]:
    """End what is left of a run and say how it went."""
    os.close(running.reading)
    if running.timed_out:
        os.killpg(running.child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(running.child, 0)[1])
    with suppress(ProcessLookupError):
        os.killpg(running.child, signal.SIGKILL)
    shutil.rmtree(running.folder, ignore_errors=True)
    return {
        "output": running.output.decode("utf-8", "replace"),
        "status": status,
        "took": round(time.monotonic() - running.started, 2),
        "timed_out": running.timed_out,
        "folder": str(running.folder),
    }


def _become_a_run(run: Callable[[Workbench], None], bench: Workbench, writing: int) -> None:
    os.setpgid(0, 0)
    for stream in (1, 2):
        os.dup2(writing, stream)
    os.close(writing)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    sys.stdout = os.fdopen(1, "w", buffering=1, encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, encoding="utf-8", closefd=False)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.chdir(bench.folder)
    home = bench.folder / ".home"
    os.environ.update(HOME=str(home), HF_HOME=str(home / "huggingface"))
    leave_with(lambda: run(bench))


if __name__ == "__main__":
    serve(Path(sys.argv[1]).resolve())
