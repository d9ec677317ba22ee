"""Machines for the examples of checks, with facts that `worlds.machine` leaves out."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from firstmile.check.worlds import machine
from firstmile.facts.environment import (
    Environment,
    Folder,
    KnownNames,
    Package,
    Program,
    Shadow,
    SharedLibrary,
    Variable,
)
from firstmile.facts.sizes import GIB


def package(name: str, version: str, *requires: str, **fields: Any) -> Package:
    """Return an installed package with what it requires."""
    build = fields.pop("build", version.partition("+")[2] or None)
    return Package(name=name, version=version, requires=requires, build=build, **fields)


def computer(
    *packages: Package,
    known: Mapping[tuple[str, str], Sequence[str]] | None = None,
    headers: bool | None = True,
    programs: Sequence[str] | None = ("cc", "gcc", "g++"),
    variables: Sequence[Variable] = (),
    libraries: Sequence[SharedLibrary] = (),
    shadows: Sequence[Shadow] = (),
    cached: Sequence[str] | None = None,
    **fields: Any,
) -> Environment:
    """Return a machine; `known` are names by package and kind, `fields` those of `machine`."""
    made = machine(**fields)
    python = made.python
    assert python is not None
    names = tuple(
        KnownNames(package=name, kind=kind, names=tuple(listed))
        for (name, kind), listed in (known or {}).items()
    )
    return replace(
        made,
        python=replace(
            python,
            packages=tuple(sorted((*python.packages, *packages), key=lambda one: one.name)),
            headers=headers,
            known=names,
        ),
        programs=None
        if programs is None
        else tuple(Program(name=each, path=f"/usr/bin/{each}") for each in programs),
        variables=(*made.variables, *variables),
        libraries=tuple(libraries),
        shadows=tuple(shadows),
        cached_repositories=None if cached is None else tuple(cached),
    )


def room(
    purpose: str,
    *,
    free_gib: float = 100,
    total_gib: float = 500,
    writable: bool = True,
    filesystem: str | None = "ext4",
) -> Folder:
    """Return a folder with some room in it."""
    return Folder(
        purpose=purpose,
        path="~/" + purpose.replace(" ", "-"),
        exists=True,
        writable=writable,
        filesystem=filesystem,
        total_bytes=int(total_gib * GIB),
        free_bytes=int(free_gib * GIB),
    )
