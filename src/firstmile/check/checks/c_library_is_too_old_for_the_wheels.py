"""The C library is the GNU one, and as new as the installed wheels need it.

Why: compiled wheels for Linux name the glibc that they were built against (manylinux_2_28 needs
2.28). On an older system the import ends in "version `GLIBC_2.32' not found"; on Alpine, whose
library is musl, there are no wheels of torch at all, and those of others do not load.

Fix: use a newer system or a container of one (Debian 12, Ubuntu 22.04 or later); instead of
Alpine an image based on Debian.
"""

import re
from collections.abc import Iterator
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.installed import installed, python_of, unknown_python
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.releases import release_of
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import machine, world
from firstmile.facts.environment import Package
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/import-error",
    cause="environment/system-architecture",
    references=(
        "https://peps.python.org/pep-0600/",
        "https://vllm.ai/releases",
    ),
)
_MANYLINUX: Final = re.compile(r"manylinux_(\d+)_(\d+)_")
_OLD_NAMES: Final = {"manylinux1_": (2, 5), "manylinux2010_": (2, 12), "manylinux2014_": (2, 17)}


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the C library with the newest that a wheel asks for."""
    environment = snapshot.environment
    system = environment.system if environment is not None else None
    if environment is None or system is None:
        return not_known("the system")
    if system.name != "Linux":
        return does_not_apply("the C library matters under Linux alone")
    if system.libc is None:
        return not_known("the C library")
    library = seen(f"C library: {system.libc}")
    if system.libc.startswith("musl"):
        return failed(
            "The C library is musl, for which there are no wheels of torch and of the engines.",
            library,
            remedy="Use a container based on Debian or Ubuntu, such as python:3.12-slim.",
        )
    there = release_of(system.libc.rpartition(" ")[2])
    if there is None:
        return not_known("the release of the C library")
    python = python_of(snapshot)
    if python is None:
        return unknown_python(snapshot)
    needs = [(wanted, each) for each in python.packages if (wanted := _wanted(each)) is not None]
    if not needs:
        return not_known("which C library the installed wheels were built for")
    wanted, most = max(needs, key=lambda one: one[0])
    if wanted > there:
        return failed(
            f"{most.name.capitalize()} {most.version} needs glibc {wanted[0]}.{wanted[1]}, "
            f"but the system has {there[0]}.{there[1]}.",
            library,
            seen(f"tag of its wheel: {most.tags[0]}"),
            remedy=f"Run it under a system with glibc {wanted[0]}.{wanted[1]} or later, for "
            "example in a container of Ubuntu 22.04 (2.35) or Debian 12 (2.36).",
        )
    return passed(
        f"The C library is new enough for {counted(len(needs), 'wheel')}.", library, installed(most)
    )


def _wanted(package: Package) -> tuple[int, ...] | None:
    """Return the oldest glibc that one of a wheel's tags is content with."""
    found = []
    for tag in package.tags:
        found += [(int(major), int(minor)) for major, minor in _MANYLINUX.findall(tag)]
        found += [release for name, release in _OLD_NAMES.items() if name in tag]
    return min(found) if found else None


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, libc: str | None, *tags: str) -> Example:
        made = computer(package("vllm", "0.9.0", tags=tags), libc=libc)
        return Example(outcome=outcome, snapshot=world(environment=made))

    yield of(Outcome.PASS, "glibc 2.36", "cp38-abi3-manylinux_2_31_x86_64")
    yield of(Outcome.PASS, "glibc 2.28", "cp311-cp311-manylinux_2_28_x86_64")
    yield of(Outcome.PASS, "glibc 2.28", "cp311-cp311-manylinux_2_34_x86_64.manylinux2014_x86_64")
    yield of(Outcome.FAIL, "glibc 2.28", "cp38-abi3-manylinux_2_31_x86_64")
    yield of(Outcome.FAIL, "musl")
    yield of(Outcome.SKIP, None)
    yield of(Outcome.SKIP, "glibc 2.36", "py3-none-any")
    mac = machine(system="Darwin", libc=None, architecture="arm64")
    yield Example(outcome=Outcome.SKIP, snapshot=world(environment=mac), says="does not apply")
