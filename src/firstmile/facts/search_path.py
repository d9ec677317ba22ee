"""What a name leads to: programs on the PATH, CUDA's libraries, modules of the working folder."""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from firstmile.facts.environment import Program, Shadow, SharedLibrary
from firstmile.facts.machine import Machine, UnreadableError, reason_of
from firstmile.redaction import redact
from firstmile.redaction.rule import words

PROGRAMS: Final = words(
    "cc gcc g++ c++ clang nvcc hipcc ninja cmake git git-lfs docker",
    "vllm sglang ollama llama-server llama-cli transformers lmdeploy trtllm-serve",
    "text-generation-launcher",
    "trl llamafactory-cli axolotl tune accelerate deepspeed torchrun",
)
MODULES: Final = frozenset(
    words(
        "accelerate bitsandbytes datasets deepspeed flash_attn huggingface_hub numpy peft",
        "safetensors sentencepiece sglang tiktoken tokenizers torch torchvision transformers",
        "triton trl vllm xformers",
    )
)
"""Modules that runs of models import beside the standard library's."""

_LIBRARY: Final = re.compile(
    r"(lib(?:cudart|cublas|cublasLt|cudnn|nccl|nvJitLink|cusparse|cusolver|cufft|nvrtc))"
    r"\.so\.(\d+(?:\.\d+){0,3})"
)
_MOST_FOLDERS: Final = 50
_MOST_FILES: Final = 20_000
_COMMON: Final = frozenset(("setup", "test", "tests", "this", "antigravity", "__main__"))
"""Names of the standard library that nothing is hurt by, or that every project has."""


def read_programs(machine: Machine) -> tuple[Program, ...]:
    """Return the programs that matter, with where they lie."""
    found = ((name, machine.program(name)) for name in sorted(PROGRAMS))
    return tuple(Program(name=name, path=redact(path).text) for name, path in found if path)


def read_libraries(machine: Machine) -> tuple[SharedLibrary, ...]:
    """Return CUDA's libraries in the folders of LD_LIBRARY_PATH: the first of each name.

    A library is there under several names, of which the longest tells its version.
    """
    found: dict[str, SharedLibrary] = {}
    folders = machine.variables.get("LD_LIBRARY_PATH", "").split(os.pathsep)
    for folder in [each for each in folders if each][:_MOST_FOLDERS]:
        inside: dict[str, str] = {}
        for name in _names(Path(folder)):
            said = _LIBRARY.fullmatch(name)
            if said and len(said[2]) >= len(inside.get(said[1], "")):
                inside[said[1]] = said[2]
        for name, version in inside.items():
            place = redact(folder).text
            found.setdefault(name, SharedLibrary(name=name, version=version, folder=place))
    return tuple(found[name] for name in sorted(found))


def _names(folder: Path) -> Iterator[str]:
    try:
        with os.scandir(folder) as listed:
            for count, entry in enumerate(listed):
                if count > _MOST_FILES:
                    return
                yield entry.name
    except OSError:
        return


def read_shadows(folder: Path) -> tuple[Shadow, ...]:
    """Return what in a folder has the name of a module that runs import.

    A folder without `__init__.py` hides nothing: Python prefers the installed package to it.
    """
    modules = (MODULES | sys.stdlib_module_names) - _COMMON
    found = []
    try:
        with os.scandir(folder) as listed:
            for count, entry in enumerate(listed):
                if count > _MOST_FILES:
                    break
                name = entry.name.removesuffix(".py")
                if name not in modules:
                    continue
                if entry.name.endswith(".py") or (Path(entry.path) / "__init__.py").is_file():
                    found.append(Shadow(module=name, file=entry.name))
    except OSError as error:
        raise UnreadableError(reason_of(error)) from error
    return tuple(sorted(found, key=lambda one: one.file))
