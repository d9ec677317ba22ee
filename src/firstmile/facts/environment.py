"""The types of what is read off a machine: an environment and its parts."""

from typing import Final

import msgspec

SCHEMA: Final = 1
"""Goes up when a field changes its meaning or leaves; new fields do not raise it."""


class NotKnown(msgspec.Struct, frozen=True, kw_only=True):
    """What could not be read (a field's path, such as "memory") and the reason."""

    what: str
    reason: str


class System(msgspec.Struct, frozen=True, kw_only=True):
    """The operating system. `wsl` is 1 or 2 under Windows' Linux; `container` its kind."""

    name: str
    release: str | None
    kernel: str | None
    machine: str
    libc: str | None
    wsl: int | None
    container: str | None


class Cgroup(msgspec.Struct, frozen=True, kw_only=True):
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


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """One limit of `ulimit`; None is unlimited."""

    name: str
    soft: int | None
    hard: int | None


class Processor(msgspec.Struct, frozen=True, kw_only=True):
    """The CPU. `usable` is how many cores this process may use, `flags` those that matter."""

    model: str | None
    cores: int | None
    usable: int | None
    flags: tuple[str, ...]


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """Main memory of the machine, whatever a cgroup allows."""

    total_bytes: int
    available_bytes: int | None
    swap_total_bytes: int | None
    swap_free_bytes: int | None


class Folder(msgspec.Struct, frozen=True, kw_only=True):
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


class Gpu(msgspec.Struct, frozen=True, kw_only=True):
    """One accelerator, in the order of its tool."""

    index: int
    vendor: str
    name: str
    memory_total_bytes: int | None
    memory_used_bytes: int | None
    compute_capability: str | None
    driver: str | None


class Cuda(msgspec.Struct, frozen=True, kw_only=True):
    """What of CUDA is there beside Python: what the driver can, and a toolkit.

    `driver_supports` is the newest CUDA that the driver runs; `toolkit` that of the compiler.
    """

    driver: str | None
    driver_supports: str | None
    toolkit: str | None
    toolkit_path: str | None


class BuiltFor(msgspec.Struct, frozen=True, kw_only=True):
    """What compiled code was built against, as the package says: versions, and the C++ ABI.

    `cuda` holds several where a package brings a library for each release of CUDA.
    """

    torch: str | None = None
    cuda: tuple[str, ...] = ()
    python: str | None = None
    cxx11_abi: bool | None = None


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """An installed package by its metadata. `build` is what it was built for, if it says so.

    `copies` above one means that several versions lie in the same search path. `requires` are
    its requirements as the metadata words them, without those of extras, and only of packages
    that matter; `tags` those of its wheel; `editable` that it lies in a folder of source.
    """

    name: str
    version: str
    build: str | None = None
    copies: int = 1
    requires: tuple[str, ...] = ()
    requires_python: str | None = None
    tags: tuple[str, ...] = ()
    built: BuiltFor | None = None
    editable: bool = False


class KnownNames(msgspec.Struct, frozen=True, kw_only=True):
    """Names that an installed package knows, read from its source: `kind` says of what.

    Kinds are "model types", "architectures", "quantization methods", "tokenizer classes" and
    "training arguments".
    """

    package: str
    kind: str
    names: tuple[str, ...]


class Interpreter(msgspec.Struct, frozen=True, kw_only=True):
    """A Python and its packages that matter; `environment` is venv, conda or None.

    `headers` says whether the files are there that compiling an extension needs (`Python.h`).
    """

    version: str | None
    implementation: str | None
    executable: str
    prefix: str
    environment: str | None
    packages: tuple[Package, ...]
    headers: bool | None = None
    known: tuple[KnownNames, ...] = ()

    def version_of(self, name: str) -> str | None:
        """Return the version of a package, or None where it is not there."""
        return next((each.version for each in self.packages if each.name == name), None)

    def package(self, name: str) -> Package | None:
        """Return a package by its name in normal form, or None where it is not there."""
        return next((each for each in self.packages if each.name == name), None)

    def names_known(self, package: str, kind: str) -> tuple[str, ...] | None:
        """Return the names of a kind that a package knows, or None where they were not read."""
        return next(
            (each.names for each in self.known if (each.package, each.kind) == (package, kind)),
            None,
        )


class Variable(msgspec.Struct, frozen=True, kw_only=True):
    """An environment variable that matters; of a secret only that it is set is known.

    `exists` says of one that names a file or folder whether that is there. `detail` tells of a
    hidden value what harms nobody: a proxy's scheme, and of those that go past it "localhost"
    or "not localhost".
    """

    name: str
    value: str
    exists: bool | None = None
    detail: str | None = None


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """A program on the PATH, such as a compiler."""

    name: str
    path: str


class SharedLibrary(msgspec.Struct, frozen=True, kw_only=True):
    """A library of CUDA in a folder of LD_LIBRARY_PATH; `version` is that of its file's name."""

    name: str
    version: str
    folder: str


class Shadow(msgspec.Struct, frozen=True, kw_only=True):
    """A file or package of the working folder with the name of a module that runs import."""

    module: str
    file: str


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """What could be read off a machine; an empty or absent part is explained in `not_known`.

    `looked_for` are the names of which `programs` are those on the PATH; None where an older
    release looked. `ports` are those that something listens on, `interfaces` the names of those
    of the network.
    `cached_repositories` are models in the Hub cache, each by its key
    (`facts.hub_cache.cache_key`): names may be nobody's business.
    """

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
    programs: tuple[Program, ...] | None = None
    looked_for: tuple[str, ...] | None = None
    ports: tuple[int, ...] | None = None
    interfaces: tuple[str, ...] | None = None
    libraries: tuple[SharedLibrary, ...] = ()
    shadows: tuple[Shadow, ...] = ()
    cached_repositories: tuple[str, ...] | None = None
    not_known: tuple[NotKnown, ...] = ()
    schema: int = SCHEMA

    def variable(self, name: str) -> Variable | None:
        """Return an environment variable that matters, or None where it is not set."""
        return next((each for each in self.variables if each.name == name), None)

    def folder(self, purpose: str) -> Folder | None:
        """Return a folder by its purpose, or None where it was not read."""
        return next((each for each in self.folders if each.purpose == purpose), None)

    def limit(self, name: str) -> Limit | None:
        """Return a limit by its name, or None where it was not read."""
        return next((each for each in self.limits if each.name == name), None)
