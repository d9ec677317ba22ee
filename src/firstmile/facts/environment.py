"""The types of what is read off a machine: an environment and its parts."""

from dataclasses import dataclass
from typing import Final

SCHEMA: Final = 1
"""Goes up when a field changes its meaning or leaves; new fields do not raise it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotKnown:
    """What could not be read (a field's path, such as "memory") and the reason."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """The operating system. `wsl` is 1 or 2 under Windows' Linux; `container` its kind."""

    name: str
    release: str | None
    kernel: str | None
    machine: str
    libc: str | None
    wsl: int | None
    container: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cgroup:
    """What the control group of this process allows; None where it sets no limit.

    The lowest limit of the group and of those above it counts. `oom_kills` is how many
    processes the kernel has ended in it for lack of memory.
    """

    version: int
    memory_limit_bytes: int | None
    memory_used_bytes: int | None
    swap_limit_bytes: int | None
    cpus: float | None
    pids_limit: int | None
    oom_kills: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One limit of `ulimit`; None is unlimited."""

    name: str
    soft: int | None
    hard: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Processor:
    """The CPU. `usable` is how many cores this process may use, `flags` those that matter."""

    model: str | None
    cores: int | None
    usable: int | None
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Main memory of the machine, whatever a cgroup allows."""

    total_bytes: int
    available_bytes: int | None
    swap_total_bytes: int | None
    swap_free_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder that runs write to, by its purpose, and the room in it.

    Where it does not exist yet, the room is that of the folder it would be made in.
    """

    purpose: str
    path: str
    exists: bool
    writable: bool
    filesystem: str | None
    total_bytes: int
    free_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """One accelerator, in the order of its tool."""

    index: int
    vendor: str
    name: str
    memory_total_bytes: int | None
    memory_used_bytes: int | None
    compute_capability: str | None
    driver: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuda:
    """What of CUDA is there beside Python: what the driver can, and a toolkit.

    `driver_supports` is the newest CUDA that the driver runs; `toolkit` that of the compiler.
    """

    driver: str | None
    driver_supports: str | None
    toolkit: str | None
    toolkit_path: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """An installed package by its metadata. `build` is what it was built for, if it says so.

    `copies` above one means that several versions lie in the same search path.
    """

    name: str
    version: str
    build: str | None = None
    copies: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpreter:
    """A Python and its packages that matter; `environment` is venv, conda or None."""

    version: str | None
    implementation: str | None
    executable: str
    prefix: str
    environment: str | None
    packages: tuple[Package, ...]

    def version_of(self, name: str) -> str | None:
        """Return the version of a package, or None where it is not there."""
        return next((each.version for each in self.packages if each.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """An environment variable that matters; of a secret only that it is set is known."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What could be read off a machine; an empty or absent part is explained in `not_known`."""

    collected: str
    firstmile: str
    system: System | None = None
    cgroup: Cgroup | None = None
    limits: tuple[Limit, ...] = ()
    processor: Processor | None = None
    memory: Memory | None = None
    folders: tuple[Folder, ...] = ()
    gpus: tuple[Gpu, ...] = ()
    cuda: Cuda | None = None
    python: Interpreter | None = None
    variables: tuple[Variable, ...] = ()
    not_known: tuple[NotKnown, ...] = ()
    schema: int = SCHEMA
