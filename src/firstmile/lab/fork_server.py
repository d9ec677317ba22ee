"""The fork server: imports the libraries once, then forks a process for every run.

Started as `python -m firstmile.lab.fork_server STORE` in an environment of the lab. It reads one
JSON object a line, `{"id": ..., "kind": "fault" | "healthy", "seconds": ...}`, and writes one for
every run that has ended: `id`, `output` (both streams as they came), `status` (negative: the
signal that ended it), `seconds` and `timed_out`.
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
from collections.abc import Callable, Mapping
from contextlib import suppress
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
    """Run what is asked for, one after the other, until the input ends."""
    home = store / "home"
    os.environ.update(SETTINGS, HF_HOME=str(home / ".cache" / "huggingface"))
    sys.stdin.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    answers = os.dup(1)
    os.dup2(2, 1)
    import_libraries()
    for kind in small_models.CONFIGS:
        small_models.make(kind, store / kind)
    runs: dict[tuple[str, str], Callable[[Workbench], None]] = {
        **{("fault", name): seeded.run for name, seeded in find_faults().items()},
        **{("healthy", name): run for name, run in find_healthy().items()},
    }
    for line in sys.stdin:
        asked = json.loads(line)
        ended = run_one(runs[asked["kind"], asked["id"]], store=store, seconds=asked["seconds"])
        with os.fdopen(os.dup(answers), "w", encoding="utf-8") as out:
            out.write(json.dumps({"id": asked["id"], "kind": asked["kind"], **ended}) + "\n")


def run_one(run: Callable[[Workbench], None], *, store: Path, seconds: float) -> dict[str, Any]:
    """Run one thing in a process group of its own, in an empty folder that goes away after it."""
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=store))
    reading, writing = os.pipe()
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _become_a_run(run, Workbench(folder=folder, store=store), writing)
    os.close(writing)
    output, timed_out = _read(reading, until=started + seconds)
    if timed_out:
        os.killpg(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)
    return {
        "output": output.decode("utf-8", "replace"),
        "status": status,
        "seconds": round(time.monotonic() - started, 2),
        "timed_out": timed_out,
        "folder": str(folder),
    }


def _become_a_run(run: Callable[[Workbench], None], bench: Workbench, writing: int) -> None:
    os.setpgid(0, 0)
    for stream in (1, 2):
        os.dup2(writing, stream)
    os.close(writing)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.chdir(bench.folder)
    home = bench.folder / ".home"
    os.environ.update(HOME=str(home), HF_HOME=str(home / "huggingface"))
    leave_with(lambda: run(bench))


def _read(stream: int, *, until: float) -> tuple[bytes, bool]:
    """Read to the end or to a time. A grandchild that holds the pipe is waited for, too."""
    kept = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while (left := until - time.monotonic()) > 0:
            if not selector.select(left):
                break
            part = os.read(stream, 65_536)
            if not part:
                os.close(stream)
                return bytes(kept), False
            if len(kept) < MOST_BYTES:
                kept += part
    os.close(stream)
    return bytes(kept), True


if __name__ == "__main__":
    serve(Path(sys.argv[1]).resolve())
