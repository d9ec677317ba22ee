"""Processor, memory, limits of the process, and the room in folders that runs write to."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from firstmile.facts.environment import Folder, Limit, Memory, Processor
from firstmile.facts.machine import Machine, UnreadableError
from firstmile.redaction import redact

FLAGS: Final = (
    "sse4_2",
    "avx",
    "avx2",
    "fma",
    "f16c",
    "avx512f",
    "avx512bw",
    "avx512_vnni",
    "avx512_bf16",
    "avx512_fp16",
    "avx_vnni",
    "amx_tile",
    "amx_bf16",
    "amx_int8",
    "asimd",
    "asimdhp",
    "asimddp",
    "sve",
    "sve2",
    "bf16",
    "i8mm",
)
"""Instructions that builds of engines ask for; names as the kernel writes them."""

_LIMITS: Final = (
    ("nofile", "RLIMIT_NOFILE"),
    ("nproc", "RLIMIT_NPROC"),
    ("memlock", "RLIMIT_MEMLOCK"),
    ("as", "RLIMIT_AS"),
    ("data", "RLIMIT_DATA"),
    ("fsize", "RLIMIT_FSIZE"),
    ("stack", "RLIMIT_STACK"),
    ("core", "RLIMIT_CORE"),
)


def read_processor(machine: Machine) -> Processor:
    """Read the CPU; where the kernel does not say its model, it stays None."""
    fields: dict[str, str] = {}
    for line in (machine.read_if_there("/proc/cpuinfo") or "").splitlines():
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip().lower(), value.strip())
    said = set(fields.get("flags", fields.get("features", "")).split())
    model = fields.get("model name") or fields.get("hardware") or _model_elsewhere(machine)
    return Processor(
        model=model,
        cores=os.cpu_count(),
        usable=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
        flags=tuple(flag for flag in FLAGS if flag in said),
    )


def _model_elsewhere(machine: Machine) -> str | None:
    if machine.platform == "darwin":
        answer = machine.start("sysctl", "-n", "machdep.cpu.brand_string")
        try:
            return answer.text().strip() or None if answer else None
        except UnreadableError:
            return None
    return machine.variables.get("PROCESSOR_IDENTIFIER")


def read_memory(machine: Machine) -> Memory:
    """Read main memory and swap; raises UnreadableError where the system does not say."""
    if machine.platform == "darwin":
        return _memory_of_mac(machine)
    sizes: dict[str, int] = {}
    for line in machine.read("/proc/meminfo").splitlines():
        name, _, value = line.partition(":")
        number = value.split()[:1]
        if number and number[0].isdigit():
            sizes[name] = int(number[0]) * 1024
    if "MemTotal" not in sizes:
        raise UnreadableError("/proc/meminfo does not name the total")
    return Memory(
        total_bytes=sizes["MemTotal"],
        available_bytes=sizes.get("MemAvailable"),
        swap_total_bytes=sizes.get("SwapTotal"),
        swap_free_bytes=sizes.get("SwapFree"),
    )


def _memory_of_mac(machine: Machine) -> Memory:
    answer = machine.start("sysctl", "-n", "hw.memsize")
    total = answer.text().strip() if answer else ""
    if not total.isdigit():
        raise UnreadableError("sysctl does not say hw.memsize")
    return Memory(
        total_bytes=int(total), available_bytes=None, swap_total_bytes=None, swap_free_bytes=None
    )


def read_limits() -> tuple[Limit, ...]:
    """Read what `ulimit` sets for this process; raises UnreadableError on Windows."""
    try:
        import resource
    except ImportError as error:
        raise UnreadableError("this system has no such limits") from error

    def shown(number: int) -> int | None:
        return None if number == resource.RLIM_INFINITY else number

    found = []
    for name, constant in _LIMITS:
        if hasattr(resource, constant):
            soft, hard = resource.getrlimit(getattr(resource, constant))
            found.append(Limit(name=name, soft=shown(soft), hard=shown(hard)))
    return tuple(found)


def read_folders(machine: Machine) -> tuple[Folder, ...]:
    """Read the room in each folder that downloads, caches and workers write to."""
    mounts = _mounts(machine)
    return tuple(
        folder
        for purpose, path in _purposes(machine)
        if (folder := _folder(purpose, path, mounts)) is not None
    )


def _purposes(machine: Machine) -> Iterator[tuple[str, Path]]:
    set_to = machine.variables.get
    home = Path(set_to("HOME") or set_to("USERPROFILE") or Path.home())
    cache = Path(set_to("XDG_CACHE_HOME") or home / ".cache")
    hub = Path(set_to("HF_HOME") or cache / "huggingface")
    yield "working folder", Path.cwd()
    yield "temporary files", Path(set_to("TMPDIR") or set_to("TEMP") or "/tmp")  # noqa: S108 - only measured
    if machine.platform == "linux":
        yield "shared memory", machine.at("/dev/shm")  # noqa: S108 - its size is what is read
    yield "Hugging Face cache", Path(set_to("HF_HUB_CACHE") or hub / "hub")
    if set_to("TRANSFORMERS_CACHE"):
        yield "TRANSFORMERS_CACHE", Path(set_to("TRANSFORMERS_CACHE") or "")
    yield "torch cache", Path(set_to("TORCH_HOME") or cache / "torch")
    yield "Triton cache", Path(set_to("TRITON_CACHE_DIR") or home / ".triton" / "cache")
    yield "vLLM cache", Path(set_to("VLLM_CACHE_ROOT") or cache / "vllm")
    yield "Ollama models", Path(set_to("OLLAMA_MODELS") or home / ".ollama" / "models")


def _folder(purpose: str, path: Path, mounts: list[tuple[str, str]]) -> Folder | None:
    try:
        path = path.expanduser()
        nearest = next(place for place in (path, *path.absolute().parents) if place.exists())
        room = shutil.disk_usage(nearest)
        real = str(nearest.resolve())
    except (OSError, RuntimeError, StopIteration):
        return None
    return Folder(
        purpose=purpose,
        path=redact(str(path)).text,
        exists=nearest == path,
        writable=os.access(nearest, os.W_OK),
        filesystem=next((kind for mount, kind in mounts if _within(real, mount)), None),
        total_bytes=room.total,
        free_bytes=room.free,
    )


def _mounts(machine: Machine) -> list[tuple[str, str]]:
    """Return mount points with their kind, the longest first; a later mount hides an earlier."""
    found: dict[str, str] = {}
    for line in (machine.read_if_there("/proc/self/mounts") or "").splitlines():
        fields = line.split(" ")
        if len(fields) >= 3:
            found[fields[1].replace("\\040", " ")] = fields[2]
    return sorted(found.items(), key=lambda one: -len(one[0]))


def _within(path: str, mount: str) -> bool:
    return path == mount or path.startswith(mount.rstrip("/") + "/")
