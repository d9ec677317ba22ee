"""The machine as the command sees it: its Python and variables may be others than were read.

A container has the machine's driver, GPUs, memory and kernel. Packages, programs, variables,
limits and folders are those of its image, and what the command sets or mounts; the image is not
looked into, so that they are not known. A command may also name another Python than the one that
was read. Where no GPU was found some may be there still: those of a cluster's machines, where a
launcher starts the command, or of a kind that is not read.
"""

from pathlib import PurePosixPath
from typing import Final

from msgspec.structs import replace

from firstmile.check.intent import Container, Intent
from firstmile.facts.environment import Cgroup, Environment, Folder, Interpreter, NotKnown
from firstmile.facts.snapshot import Snapshot
from firstmile.redaction import redact

_CACHE: Final = "Hugging Face cache"
_OTHER: Final = "the command names another Python than was read: name it by --python"
_REASON: Final = "the command runs in a container, whose image is not looked into"

_CLUSTER: Final = "a launcher starts the command on machines of a cluster, and this one has none"
_ACCELERATORS: Final = ("torch-npu", "torch-xla", "torch-musa", "habana-torch-plugin")
"""Packages that bring torch onto devices of which nothing is read here."""
_REASONS: Final = (_OTHER, _REASON)


def as_seen_by(snapshot: Snapshot, intent: Intent) -> Snapshot:
    """Return what of a snapshot holds where the command runs; it itself where all of it does."""
    environment = snapshot.environment
    if environment is None or any(each.reason in _REASONS for each in environment.not_known):
        return snapshot
    reason = _why_without_gpus(environment, intent)
    if reason is not None:
        unknown = NotKnown(what="gpus", reason=reason)
        environment = replace(environment, not_known=(*environment.not_known, unknown))
        snapshot = replace(snapshot, environment=environment)
    if intent.container is None:
        if intent.interpreter is None or _is(intent.interpreter, environment.python):
            return snapshot
        unknown = NotKnown(what="python", reason=_OTHER)
        found = replace(environment, python=None, not_known=(*environment.not_known, unknown))
        return replace(snapshot, environment=found)
    others = tuple(_within(each, intent.container) for each in snapshot.others)
    return replace(snapshot, environment=_within(environment, intent.container), others=others)


def _why_without_gpus(environment: Environment, intent: Intent) -> str | None:
    """Return why GPUs may be there of which none was found, None where that is not so."""
    if environment.gpus or any(each.what == "gpus" for each in environment.not_known):
        return None
    if intent.elsewhere:
        return _CLUSTER
    python = environment.python
    found = (python.package(each) for each in _ACCELERATORS) if python is not None else ()
    other = next((each for each in found if each is not None), None)
    return None if other is None else f"{other.name} is installed, whose devices are not read"


def _is(named: str, python: Interpreter | None) -> bool:
    """Say whether an environment that a command names is that of the Python that was read.

    Programs that pip puts beside the system's Python may lie in /usr/local.
    """
    if python is None:
        return True
    prefix = python.prefix.replace("\\", "/").rstrip("/")
    folder = redact(named).text.removeprefix("./")
    while folder.startswith("../"):
        folder = folder[3:]
    if "/" not in folder:
        return folder in ("base", prefix.rpartition("/")[2])
    if folder.startswith(("/", "~")) or folder[1:2] == ":":
        return prefix == folder or (prefix == "/usr" and folder in ("/usr/local", ""))
    return prefix.endswith(f"/{folder}")


def _within(environment: Environment, container: Container) -> Environment:
    system = environment.system
    cache = environment.folder(_CACHE)
    shares_cache = cache is not None and _mounts(container, cache)
    return replace(
        environment,
        system=system and replace(system, name="Linux", release=None, libc=None),
        cgroup=_group(container),
        limits=(),
        folders=tuple(
            each
            for each in environment.folders
            if (each is cache and shares_cache)
            or (each.purpose == "shared memory" and container.host_ipc)
        ),
        gpus=tuple(each for each in environment.gpus if each.vendor != "Apple"),
        cuda=environment.cuda and replace(environment.cuda, toolkit=None, toolkit_path=None),
        python=None,
        variables=environment.variables if container.keeps_variables else (),
        programs=None,
        ports=environment.ports if container.host_network else _taken(environment, container),
        interfaces=environment.interfaces if container.host_network else None,
        libraries=(),
        shadows=(),
        cached_repositories=environment.cached_repositories if shares_cache else None,
        not_known=(*environment.not_known, NotKnown(what="python", reason=_REASON)),
    )


def _taken(environment: Environment, container: Container) -> tuple[int, ...] | None:
    """Return the ports inside that are published at ports of the host which are in use."""
    if environment.ports is None:
        return None
    return tuple(inside for outside, inside in container.ports if outside in environment.ports)


def _group(container: Container) -> Cgroup | None:
    """Return the limit that the container gets, whatever binds the shell that starts it."""
    if container.memory_bytes is None:
        return None
    return Cgroup(
        version=2,
        memory_limit_bytes=container.memory_bytes,
        memory_used_bytes=None,
        swap_limit_bytes=None,
        cpus=None,
        pids_limit=None,
        oom_kills=None,
    )


def _mounts(container: Container, cache: Folder) -> bool:
    """Say whether the host's cache, or a folder around it, is mounted; "~" may stand for a home."""
    at_home = cache.path.startswith("~")
    parts = PurePosixPath(cache.path.replace("\\", "/").removeprefix("~"))
    around = {str(each) for each in (parts, *parts.parents)} - {"/", "."}
    outside = (mount[0].rstrip("/") for mount in container.mounts)
    return any(
        each in around or (at_home and any(each.endswith(one) for one in around))
        for each in outside
    )
