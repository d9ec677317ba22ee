"""An environment as names and values for people, in the order in which they are asked for."""

from collections.abc import Iterator

from firstmile.facts.environment import Environment, Package
from firstmile.facts.sizes import GIB

_MOST_PORTS = 12

Listed = tuple[str, tuple[tuple[str, str], ...]]
"""A heading, and names with values under it."""


def listed(environment: Environment) -> tuple[Listed, ...]:
    """Return the parts that hold something, each with its heading; what is missing comes last."""
    parts = (
        ("System", _system(environment)),
        ("Hardware", _hardware(environment)),
        ("Accelerators", _accelerators(environment)),
        ("Python", _python(environment)),
        ("Packages", _packages(environment)),
        ("Known to libraries", _known(environment)),
        ("Programs and libraries", _programs(environment)),
        ("Room", _room(environment)),
        ("Limits", _limits(environment)),
        ("Variables", _variables(environment)),
        ("Not known", ((each.what, each.reason) for each in environment.not_known)),
    )
    whole = ((heading, tuple(pairs)) for heading, pairs in parts)
    return tuple((heading, pairs) for heading, pairs in whole if pairs)


def gib(size: int) -> str:
    """Return bytes as GiB: one decimal below ten, none above."""
    return f"{size / GIB:.1f} GiB" if size < 10 * GIB else f"{size / GIB:.0f} GiB"


def _system(environment: Environment) -> Iterator[tuple[str, str]]:
    system = environment.system
    if system is not None:
        release = f" ({system.release})" if system.release else ""
        yield "system", f"{system.name}{release}"
        yield "kernel", system.kernel or "not known"
        yield "machine", system.machine
        if system.name == "Linux":
            yield "C library", system.libc or "not known"
        if system.wsl:
            yield "WSL", str(system.wsl)
        if system.container:
            yield "container", system.container
    group = environment.cgroup
    if group is not None:
        limits = [
            f"memory {gib(group.memory_limit_bytes)}" if group.memory_limit_bytes else "",
            f"{group.cpus:g} CPUs" if group.cpus else "",
            f"{group.pids_limit} processes" if group.pids_limit else "",
        ]
        said = ", ".join(filter(None, limits)) or "none"
        yield "limits of the control group", f"{said} (cgroup v{group.version})"
        if group.oom_kills:
            yield "ended in it for lack of memory", f"{group.oom_kills} so far"


def _hardware(environment: Environment) -> Iterator[tuple[str, str]]:
    processor, memory = environment.processor, environment.memory
    if processor is not None:
        usable = f", {processor.usable} usable" if processor.usable != processor.cores else ""
        yield "CPU", f"{processor.model or 'not known'} ({processor.cores} cores{usable})"
        yield "CPU flags", " ".join(processor.flags) or "none of those that matter"
    if memory is not None:
        free = f", {gib(memory.available_bytes)} available" if memory.available_bytes else ""
        yield "memory", f"{gib(memory.total_bytes)}{free}"
        if memory.swap_total_bytes is not None:
            yield "swap", gib(memory.swap_total_bytes) if memory.swap_total_bytes else "none"


def _accelerators(environment: Environment) -> Iterator[tuple[str, str]]:
    for gpu in environment.gpus:
        size = f", {gib(gpu.memory_total_bytes)}" if gpu.memory_total_bytes else ""
        used = f" ({gib(gpu.memory_used_bytes)} used)" if gpu.memory_used_bytes else ""
        able = f", {gpu.compute_capability}" if gpu.compute_capability else ""
        yield f"GPU {gpu.index}", f"{gpu.vendor} {gpu.name}{size}{used}{able}"
    if not environment.gpus and not any(one.what == "gpus" for one in environment.not_known):
        yield "GPU", "none found"
    drivers = sorted({gpu.driver for gpu in environment.gpus if gpu.driver})
    cuda = environment.cuda
    if cuda is not None and cuda.driver and cuda.driver not in drivers:
        drivers.append(cuda.driver)
    if drivers:
        supports = cuda.driver_supports if cuda else None
        yield "driver", ", ".join(drivers) + (f" (runs CUDA {supports})" if supports else "")
    if cuda is not None and (cuda.toolkit or cuda.toolkit_path):
        yield "CUDA toolkit", f"{cuda.toolkit or 'version not known'} in {cuda.toolkit_path}"


def _python(environment: Environment) -> Iterator[tuple[str, str]]:
    python = environment.python
    if python is not None:
        kind = f", {python.environment}" if python.environment else ""
        yield "Python", f"{python.version or 'version not known'}{kind}"
        yield "prefix", python.prefix
        if python.headers is not None:
            yield "headers for extensions", "there" if python.headers else "missing"


def _packages(environment: Environment) -> Iterator[tuple[str, str]]:
    for each in environment.python.packages if environment.python else ():
        build = f" ({each.build})" if each.build else ""
        copies = f", {each.copies} versions in the search path" if each.copies > 1 else ""
        source = ", from a folder of source" if each.editable else ""
        yield each.name, f"{each.version}{build}{_built(each)}{copies}{source}"


def _built(package: Package) -> str:
    """Say what compiled code was built against, where it is more than `build` says."""
    built = package.built
    if built is None or package.name == "torch":
        return ""
    parts = [
        f"torch {built.torch}" if built.torch else "",
        f"CUDA {', '.join(built.cuda)}" if built.cuda else "",
        f"Python {built.python}" if built.python else "",
    ]
    return f" (built for {', '.join(filter(None, parts))})"


def _known(environment: Environment) -> Iterator[tuple[str, str]]:
    for each in environment.python.known if environment.python else ():
        yield f"{each.kind} of {each.package}", str(len(each.names))
    if environment.cached_repositories is not None:
        yield "models in the Hub cache", str(len(environment.cached_repositories))


def _programs(environment: Environment) -> Iterator[tuple[str, str]]:
    for program in environment.programs or ():
        yield program.name, program.path
    for library in environment.libraries:
        yield library.name, f"{library.version} in {library.folder} (LD_LIBRARY_PATH)"
    for shadow in environment.shadows:
        yield f"shadow of {shadow.module}", f"{shadow.file} in the working folder"
    if environment.ports:
        shown = ", ".join(map(str, environment.ports[:_MOST_PORTS]))
        more = ", ..." if len(environment.ports) > _MOST_PORTS else ""
        yield "ports in use", f"{shown}{more}"


def _variables(environment: Environment) -> Iterator[tuple[str, str]]:
    for each in environment.variables:
        missing = " (not there)" if each.exists is False else ""
        detail = f" ({each.detail})" if each.detail else ""
        yield each.name, f"{each.value}{detail}{missing}"


def _room(environment: Environment) -> Iterator[tuple[str, str]]:
    for each in environment.folders:
        marks = "" if each.writable else ", not writable"
        marks += "" if each.exists else ", not there yet"
        kind = f", {each.filesystem}" if each.filesystem else ""
        free = f"{gib(each.free_bytes)} free of {gib(each.total_bytes)}"
        yield each.purpose, f"{free}{kind}{marks} ({each.path})"


def _limits(environment: Environment) -> Iterator[tuple[str, str]]:
    for each in environment.limits:
        yield each.name, "unlimited" if each.soft is None else str(each.soft)
