"""The operating system, the C library, and whether this is a container or Windows' Linux."""

import os
import platform
import re
from typing import Final

from firstmile.facts.environment import System
from firstmile.facts.machine import Machine, UnreadableError

_CONTAINERS: Final = (
    ("kubepods", "kubernetes"),
    ("docker", "docker"),
    ("containerd", "containerd"),
    ("libpod", "podman"),
    ("lxc", "lxc"),
    ("slurm", "slurm"),
)
"""What the path of a cgroup says of who made it."""

_RELEASE: Final = re.compile(r'^PRETTY_NAME="?([^"\n]{1,120})"?$', re.MULTILINE)


def read_system(machine: Machine) -> System:
    """Read what the machine runs."""
    kernel = platform.release() or None
    return System(
        name=platform.system() or machine.platform,
        release=_release(machine),
        kernel=kernel,
        machine=platform.machine() or "unknown",
        libc=_libc(machine),
        wsl=_wsl(machine, kernel or ""),
        container=_container(machine),
    )


def _release(machine: Machine) -> str | None:
    for path in ("/etc/os-release", "/usr/lib/os-release"):
        text = machine.read_if_there(path)
        found = _RELEASE.search(text) if text else None
        if found:
            return found[1]
    if machine.platform == "darwin":
        return f"macOS {platform.mac_ver()[0]}"
    if machine.platform == "win32":
        return f"Windows {platform.release()} ({platform.version()})"
    return None


def _libc(machine: Machine) -> str | None:
    """Ask the C library itself; musl does not answer, but its loader has its name."""
    try:
        if version := os.confstr("CS_GNU_LIBC_VERSION"):
            return version
    except (AttributeError, OSError, ValueError):
        pass
    return "musl" if any(machine.at("/lib").glob("ld-musl-*")) else None


def _wsl(machine: Machine, kernel: str) -> int | None:
    version = machine.read_if_there("/proc/version") or kernel
    if "microsoft" not in version.lower():
        return None
    return 2 if "wsl2" in version.lower() or "microsoft-standard" in version else 1


def _container(machine: Machine) -> str | None:
    """Tell a container by its marks; None where there is none of them."""
    if machine.platform != "linux":
        return None
    named = machine.variables.get("container")
    if named:
        return named[:40]
    if "KUBERNETES_SERVICE_HOST" in machine.variables:
        return "kubernetes"
    if machine.at("/.dockerenv").exists():
        return "docker"
    if machine.at("/run/.containerenv").exists():
        return "podman"
    if "APPTAINER_CONTAINER" in machine.variables or machine.at("/.singularity.d").exists():
        return "apptainer"
    try:
        groups = machine.read("/proc/self/cgroup")
    except UnreadableError:
        return None
    return next((name for mark, name in _CONTAINERS if mark in groups), None)
