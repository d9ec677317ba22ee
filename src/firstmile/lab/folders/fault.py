"""Seeded folders: what is broken in a folder, a command or a machine, and who must see it."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from firstmile.facts.environment import Environment
    from firstmile.lab.workbench import Workbench

MODEL: Final = "model"
"""The folder's name in a workbench, in commands and in what is recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderFault:
    """One fault: the folder that is damaged, and the checks of which one must see it.

    `base` is a folder of `bases`, or None where the fault lies in machine and command alone.
    `command` is what is about to be run, with `files` that it names; `machine` is one of
    `machines`, unless the module has a function `machine` that makes another. Without the modules
    of `needs` it is damaged and judged, but not provoked.
    """

    sees: tuple[str, ...]
    base: str | None = None
    command: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    machine: str = "workstation"
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeededFolder:
    """A fault with its id, what its file says of it, how it is made, and how it is provoked."""

    id: str
    about: str
    fault: FolderFault
    damage: Callable[[Path], None] | None
    provoke: "Callable[[Workbench], None] | None"
    machine: "Callable[[], Environment] | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Healthy:
    """A folder, a command and a machine that go together; fields are those of a fault."""

    base: str | None = None
    command: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    machine: str = "workstation"


def find_folder_faults() -> Mapping[str, SeededFolder]:
    """Find every fault by its file, in order of ids."""
    found = {}
    for name, module in _modules("faults"):
        found[name.replace("_", "-")] = SeededFolder(
            id=name.replace("_", "-"),
            about=(module.__doc__ or "").strip(),
            fault=module.FAULT,
            damage=getattr(module, "damage", None),
            provoke=getattr(module, "provoke", None),
            machine=getattr(module, "machine", None),
        )
    return found


def find_healthy_folders() -> Mapping[str, Healthy]:
    """Find every healthy variant, in order of names."""
    found: dict[str, Any] = {}
    for _, module in _modules("healthy"):
        found |= module.HEALTHY
    return dict(sorted(found.items()))


def _modules(folder: str) -> list[tuple[str, ModuleType]]:
    package = importlib.import_module(f"firstmile.lab.folders.{folder}")
    names = sorted(item.name for item in pkgutil.iter_modules(package.__path__))
    return [(name, importlib.import_module(f"{package.__name__}.{name}")) for name in names]
