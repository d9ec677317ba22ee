"""Ask llama.cpp what it would allocate for GGUF files, in the lab's environment.

    python bench/llama_cpp_in_lab.py FILE RUNS

RUNS is JSON: of each run its name, and the context's parameters that `llama-server` would set.
llama.cpp loads with `no_alloc`, as its own `llama-fit-params` does: it lays everything out and
reserves no byte. Printed as JSON: the bytes of the tensors, and of each run the bytes of the cache
and of the buffers that it computes in, or why it refused.
"""

import ctypes
import json
import re
import sys
from importlib import import_module
from typing import Any, Final

_ERROR: Final = 4
"""`GGML_LOG_LEVEL_ERROR`."""
_MIB: Final = 1024 * 1024
_CACHE: Final = re.compile(r"(?:kv_cache|memory_recurrent)\w*: size = +([0-9.]+) MiB")
_COMPUTE: Final = re.compile(r"(?:compute|output) buffer size = +([0-9.]+) MiB")
_UNUSED: Final = re.compile(r"model has unused tensor \S+ \(size = (\d+) bytes\) -- ignoring")
_TYPES: Final = {"f32": 0, "f16": 1, "q4_0": 2, "q8_0": 8}


def main() -> None:
    """Load one file, make a context for each run, print what was laid out."""
    file, runs = sys.argv[1], json.loads(sys.argv[2])
    library: Any = import_module("llama_cpp")
    lines: list[str] = []
    wrong: list[str] = []

    def heard(level: int, text: bytes, _data: Any) -> None:
        line = text.decode("utf-8", "replace")
        lines.append(line)
        if level == _ERROR:
            wrong.append(line.strip())

    kept = library.llama_log_callback(heard)
    library.llama_log_set(kept, ctypes.c_void_p(0))
    library.llama_backend_init()
    settings = library.llama_model_default_params()
    settings.no_alloc = True
    settings.load_mode = 0
    model = library.llama_model_load_from_file(file.encode(), settings)
    if not model:
        print(json.dumps({"refused": _first(wrong)}))
        return
    passed_over = sum(int(each) for each in _UNUSED.findall("".join(lines)))
    found: dict[str, Any] = {"weights": library.llama_model_size(model) - passed_over, "runs": {}}
    for name, run in runs.items():
        lines.clear()
        wrong.clear()
        given = library.llama_context_default_params()
        given.n_ctx = run["context"]
        given.n_seq_max = run["sequences"]
        given.kv_unified = run["unified"]
        given.swa_full = run.get("swa_full", False)
        given.type_k, given.type_v = _TYPES[run["keys"]], _TYPES[run["values"]]
        context = library.llama_init_from_model(model, given)
        text = "".join(lines)
        if not context:
            found["runs"][name] = {"refused": _first(wrong)}
            continue
        found["runs"][name] = {
            "cache": _sum(_CACHE, text),
            "compute": _sum(_COMPUTE, text),
        }
        library.llama_free(context)
    print(json.dumps(found))


def _sum(what: re.Pattern[str], text: str) -> int:
    return round(sum(float(each) for each in what.findall(text)) * _MIB)


def _first(wrong: list[str]) -> str:
    """Return the first error without the name of the function that told it."""
    return wrong[0].partition(": ")[2][:300] if wrong else "it did not say why"


if __name__ == "__main__":
    main()
