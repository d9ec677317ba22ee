"""The machine as the command sees it: in a container its Python and variables are others.

A container has the machine's driver, GPUs, memory and kernel. Packages, programs, variables,
limits and folders are those of its image, and what the command sets or mounts; the image is not
looked into, so that they are not known.
"""

from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from firstmile.check.intent import Container, Intent
from firstmile.facts.environment import Cgroup, Environment, Folder, NotKnown
from firstmile.facts.snapshot import Snapshot

_CACHE: Final = "Hugging Face cache"
_REASON: Final = "the command runs in a container, whose image is not looked into"


def as_seen_by(snapshot: Snapshot, intent: Intent) -> Snapshot:
    """Return what of a snapshot holds where the command runs; it itself without a container."""
    if intent.container is None or snapshot.environment is None:
        return snapshot
    if any(each.reason == _REASON for each in snapshot.environment.not_known):
        return snapshot
    others = tuple(_within(each, intent.container) for each in snapshot.others)
    return replace(
        snapshot, environment=_within(snapshot.environment, intent.container), others=others
    )


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
