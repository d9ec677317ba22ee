"""Make a small GGUF file of any architecture by asking llama.cpp, and tell the cache it lays out.

    python -m bench.small_files_in_lab FOLDER SETTINGS RUNS

SETTINGS and RUNS are JSON. llama.cpp says which tensor it lacks, and of which shape it should be;
it is given each until it is content. The MiB of each cache are printed as soon as they are heard,
behind the name of the run: a graph of such a file may be nonsense, and the process that makes it
then ends in an error after its caches stand.
"""

import ctypes
import json
import os
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from bench.gguf_writing import Header, Laid, write

MOST_TRIES: Final = 4000
_LACKING: Final = re.compile(r"tensor '([^']+)' not found")
_SHAPED: Final = re.compile(r"tensor '([^']+)' has wrong shape; expected ([0-9, ]+), got")
_CACHE: Final = re.compile(r"(?:kv_cache|memory_recurrent): size = +([0-9.]+) MiB")


def main() -> None:
    """Make the file, then each context in a process of its own."""
    file = Path(sys.argv[1]) / "small.gguf"
    settings, runs = json.loads(sys.argv[2]), json.loads(sys.argv[3])
    library: Any = import_module("llama_cpp")
    said: list[str] = []
    listening = ""

    def heard(_level: int, text: bytes, _data: Any) -> None:
        line = text.decode("utf-8", "replace")
        said.append(line)
        found = _CACHE.search(line) if listening else None
        if found:
            print(f"{listening}\t{found[1]}", flush=True)

    kept = library.llama_log_callback(heard)
    library.llama_log_set(kept, ctypes.c_void_p(0))
    library.llama_backend_init()
    given = library.llama_model_default_params()
    given.no_alloc, given.load_mode = True, 0
    tensors: dict[str, tuple[int, ...]] = {}
    for _ in range(MOST_TRIES):
        write(header_of(settings, tensors), file)
        said.clear()
        model = library.llama_model_load_from_file(str(file).encode(), given)
        if model:
            break
        learn(tensors, "".join(said))
    for name, run in runs.items():
        child = os.fork()
        if child == 0:
            listening = name
            context = library.llama_context_default_params()
            context.n_ctx, context.n_seq_max = run["context"], run["sequences"]
            context.kv_unified, context.swa_full = run["unified"], False
            library.llama_init_from_model(model, context)
            os._exit(0)
        os.waitpid(child, 0)


def header_of(settings: dict[str, Any], tensors: dict[str, tuple[int, ...]]) -> Header:
    """Return a header of the tensors that are known by now."""
    laid = (
        Laid(name, shape, "F16" if len(shape) > 1 else "F32") for name, shape in tensors.items()
    )
    return Header(settings=settings, tensors=tuple(laid), tokens=4)


def learn(tensors: dict[str, tuple[int, ...]], said: str) -> None:
    """Take a tensor or its shape from what llama.cpp said; ends the program where it said else."""
    shaped, lacking = _SHAPED.search(said), _LACKING.search(said)
    if shaped:
        shape = [int(each) for each in shaped[2].split(",")]
        while len(shape) > 1 and shape[-1] == 1:
            shape.pop()
        if tensors.get(shaped[1]) != tuple(shape):
            tensors[shaped[1]] = tuple(shape)
            return
    elif lacking and lacking[1] not in tensors:
        tensors[lacking[1]] = (1,)
        return
    raise SystemExit(said[-500:])


if __name__ == "__main__":
    main()
