"""Control groups: the limits of containers and jobs, of both versions of the kernel's interface.

Source of names and meanings: the kernel's documentation, `admin-guide/cgroup-v2` and
`admin-guide/cgroup-v1/memory`.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

from firstmile.facts.environment import Cgroup
from firstmile.facts.machine import Machine, UnreadableError

_UNLIMITED: Final = 1 << 60
"""Version 1 writes "no limit" as the largest number of pages in bytes, near 2**63."""


def read_cgroup(machine: Machine) -> Cgroup:
    """Read the limits of this process's control group; raises UnreadableError without one."""
    memory = _folders(machine, "memory")
    if memory is None:
        raise UnreadableError("no control group of this process is mounted")
    version, folders = memory
    _, processor = _folders(machine, "cpu") or (version, ())
    _, pids = _folders(machine, "pids") or (version, ())
    if version == 1:
        limits = ("memory.limit_in_bytes", "memory.usage_in_bytes", "memory.memsw.limit_in_bytes")
    else:
        limits = ("memory.max", "memory.current", "memory.swap.max")
    limit, used, swap = limits
    return Cgroup(
        version=version,
        memory_limit_bytes=_lowest(machine, folders, limit),
        memory_used_bytes=next((_number(machine, f"{folder}/{used}") for folder in folders), None),
        swap_limit_bytes=_lowest(machine, folders, swap),
        cpus=_cpus(machine, processor),
        pids_limit=_lowest(machine, pids, "pids.max"),
        oom_kills=oom_kills(machine),
    )


def oom_kills(machine: Machine) -> int | None:
    """Return how many processes the kernel ended in this control group for lack of memory.

    `memory.events` counts those of all groups below; version 1 counts each group alone.
    """
    found = _folders(machine, "memory")
    if found is None:
        return None
    version, folders = found
    name = "memory.oom_control" if version == 1 else "memory.events"
    for folder in folders:
        text = machine.read_if_there(f"{folder}/{name}")
        for line in (text or "").splitlines():
            key, _, value = line.partition(" ")
            if key == "oom_kill" and value.isdigit():
                return int(value)
    return None


def _folders(machine: Machine, controller: str) -> tuple[int, tuple[str, ...]] | None:
    """Return version and folders of this process's group, from itself up to the root."""
    unified: str | None = None
    groups = machine.read_if_there("/proc/self/cgroup") or ""
    for line in groups.splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controller in controllers.split(","):
            found = _existing(machine, f"/sys/fs/cgroup/{controllers}", path)
            found = found or _existing(machine, f"/sys/fs/cgroup/{controller}", path)
            if found:
                return 1, found
        elif number == "0":
            unified = path
    if unified is not None and machine.at("/sys/fs/cgroup/cgroup.controllers").exists():
        found = _existing(machine, "/sys/fs/cgroup", unified)
        if found:
            return 2, found
    return None


def _existing(machine: Machine, mount: str, path: str) -> tuple[str, ...]:
    """Return the folders of a group that are there.

    A container often sees its own group as the root of the mount, under the path that it has
    outside: then the root alone is there.
    """
    if ".." in PurePosixPath(path).parts:
        path = "/"
    inner = PurePosixPath(path.lstrip("/"))
    places = [f"{mount}/{inner}", *(f"{mount}/{parent}" for parent in inner.parents)]
    there = (place.removesuffix("/.") for place in places)
    return tuple(dict.fromkeys(place for place in there if machine.at(place).is_dir()))


def _number(machine: Machine, path: str) -> int | None:
    text = (machine.read_if_there(path) or "").strip()
    if not text.isdigit() or int(text) >= _UNLIMITED:
        return None
    return int(text)


def _lowest(machine: Machine, folders: tuple[str, ...], name: str) -> int | None:
    numbers = (_number(machine, f"{folder}/{name}") for folder in folders)
    return min((number for number in numbers if number is not None), default=None)


def _cpus(machine: Machine, folders: tuple[str, ...]) -> float | None:
    return min(_quotas(machine, folders), default=None)


def _quotas(machine: Machine, folders: tuple[str, ...]) -> Iterator[float]:
    for folder in folders:
        both = machine.read_if_there(f"{folder}/cpu.max")
        if both is None:
            quota = (machine.read_if_there(f"{folder}/cpu.cfs_quota_us") or "").strip()
            period = (machine.read_if_there(f"{folder}/cpu.cfs_period_us") or "").strip()
        else:
            quota, _, period = both.strip().partition(" ")
        if quota.isdigit() and period.isdigit() and int(period) > 0:
            yield round(int(quota) / int(period), 2)
