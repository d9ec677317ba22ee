"""Collecting an environment part by part: one that fails is not known, the rest goes on."""

from datetime import UTC, datetime
from pathlib import Path

import firstmile
from firstmile.facts.accelerators import Accelerators
from firstmile.facts.cgroups import read_cgroup
from firstmile.facts.environment import Environment, Gpu, Interpreter
from firstmile.facts.hardware import read_folders, read_limits, read_memory, read_processor
from firstmile.facts.hub_cache import read_hub_cache
from firstmile.facts.interpreters import read_interpreter, read_own_interpreter
from firstmile.facts.machine import Machine
from firstmile.facts.network import read_interfaces
from firstmile.facts.parts import Parts
from firstmile.facts.search_path import PROGRAMS, read_libraries, read_programs, read_shadows
from firstmile.facts.sockets import read_ports
from firstmile.facts.system import read_system
from firstmile.facts.variables import read_variables


def collect_environment(
    machine: Machine, *, at: datetime, python: Path | None = None
) -> Environment:
    """Read everything about a machine that runs of models depend on; never raises for a part.

    `python` is the interpreter to read instead of the one this runs in. Nothing goes over the
    network, and nothing that is installed is imported or run, save the vendors' tools.
    """
    parts = Parts()
    part = parts.read

    asked = part("gpus", lambda: Accelerators(machine))
    system = part("system", lambda: read_system(machine))
    cgroup = part("cgroup", lambda: read_cgroup(machine)) if machine.platform == "linux" else None
    limits = part("limits", read_limits) or ()
    processor = part("processor", lambda: read_processor(machine))
    memory = part("memory", lambda: read_memory(machine))
    folders = part("folders", lambda: read_folders(machine)) or ()
    interpreter = part("python", lambda: _interpreter(machine, python))
    variables = part("variables", lambda: read_variables(machine)) or ()
    programs = part("programs", lambda: read_programs(machine))
    ports = part("ports", lambda: read_ports(machine))
    interfaces = part("interfaces", lambda: read_interfaces(machine))
    libraries = part("libraries", lambda: read_libraries(machine)) or ()
    shadows = part("shadows", lambda: read_shadows(Path.cwd())) or ()
    cached = part("cached_repositories", lambda: read_hub_cache(machine))
    gpus: tuple[Gpu, ...] = ()
    cuda = None
    if asked is not None:
        gpus = part("gpus", asked.gpus) or ()
        for each in asked.reasons:
            parts.lack("gpus", each)
        cuda = part("cuda", lambda: asked.cuda(gpus))
    return Environment(
        collected=at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        firstmile=firstmile.__version__,
        system=system,
        cgroup=cgroup,
        limits=limits,
        processor=processor,
        memory=memory,
        folders=folders,
        gpus=gpus,
        cuda=cuda,
        python=interpreter,
        variables=variables,
        programs=programs,
        looked_for=None if programs is None else tuple(sorted(PROGRAMS)),
        ports=ports,
        interfaces=interfaces,
        libraries=libraries,
        shadows=shadows,
        cached_repositories=cached,
        not_known=tuple(parts.missing),
    )


def _interpreter(machine: Machine, python: Path | None) -> Interpreter:
    return read_own_interpreter() if python is None else read_interpreter(python, machine)
