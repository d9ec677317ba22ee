"""Makes the bases in the lab's environment, damages and provokes: run as a program.

`python -m firstmile.lab.folders.server STORE` makes every base in STORE, writes `{"made": n}`,
reads lines of JSON, `{"id": ..., "kind": "fault" | "base"}`, and answers each as the fork server
does. A damaged folder stays in STORE/damaged/ID.
"""

import json
import os
import selectors
import shutil
import sys
import traceback
from collections import deque
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from firstmile.lab.folders.bases import BASES, make_bases
from firstmile.lab.folders.fault import MODEL, SeededFolder, find_folder_faults
from firstmile.lab.folders.loading import load_healthy
from firstmile.lab.fork_server import SETTINGS, finish, import_libraries, read_once, start
from firstmile.lab.workbench import Workbench

SECONDS: Final = 60.0


def seed(seeded: SeededFolder, bench: Workbench) -> None:
    """Damage a copy of the base, keep it for those who read it, and provoke the fault."""
    base = seeded.fault.base
    has_holes = base == "llama-70b"
    if base is not None and not has_holes:
        shutil.copytree(bench.store / base, bench.folder, dirs_exist_ok=True, symlinks=True)
    if seeded.damage is not None:
        seeded.damage(bench.folder / MODEL)
        kept = bench.store / "damaged" / seeded.id
        shutil.copytree(bench.folder, kept, symlinks=True, ignore=shutil.ignore_patterns(".*"))
    if missing := [name for name in seeded.fault.needs if find_spec(name) is None]:
        sys.stdout.write(f"not provoked: it needs {', '.join(missing)}\n")
    elif seeded.provoke is not None:
        seeded.provoke(bench)


def make_apart(store: Path) -> None:
    """Make the bases in a process of their own: a thread pool that was used survives no fork."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            make_bases(store)
            status = 0
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(status)
    if os.waitpid(child, 0)[1] != 0:
        sys.exit("The lab's folders could not be made.")


def serve(store: Path) -> None:
    """Do what is asked for, as many at a time as there are processors."""
    os.environ.update(SETTINGS, HF_HOME=str(store / "home"), HF_HUB_OFFLINE="1")
    answers = os.dup(1)
    os.dup2(2, 1)
    import_libraries()
    make_apart(store)
    runs: dict[tuple[str, str], Callable[[Workbench], None]] = {
        **{("fault", name): partial(seed, one) for name, one in find_folder_faults().items()},
        **{("base", name): partial(load_healthy, name) for name in BASES},
    }
    with selectors.DefaultSelector() as selector, os.fdopen(answers, "w") as out:
        out.write(json.dumps({"made": len(BASES)}) + "\n")
        out.flush()
        waiting: deque[dict[str, Any]] = deque(json.loads(line) for line in sys.stdin)
        while waiting or selector.get_map():
            while waiting and len(selector.get_map()) < (os.cpu_count() or 1):
                asked = {**waiting.popleft(), "seconds": SECONDS}
                running = start(runs[asked["kind"], asked["id"]], store=store, asked=asked)
                selector.register(running.reading, selectors.EVENT_READ, running)
            for running in read_once(selector):
                selector.unregister(running.reading)
                out.write(json.dumps({**running.asked, **finish(running)}) + "\n")
                out.flush()


if __name__ == "__main__":
    serve(Path(sys.argv[1]).resolve())
