"""Packages with compiled code were built for this Python, this processor and this system.

Why: a wheel's compiled modules load in one version of Python alone (cp310 in 3.10), on one
processor and system. pip refuses others, but a folder in PYTHONPATH, a copied site-packages or a
shared conda folder brings them in: then "No module named numpy.core._multiarray_umath",
"No module named torch._C" or "wrong ELF class", though pip lists the package.

Fix: leave the foreign folder out of PYTHONPATH, and install the packages with the Python that
runs the program: python -m pip install.
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
from firstmile.check.words_to_copy import requirement
from firstmile.check.worlds import world
from firstmile.facts.environment import Package, System
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/import-error",
    cause="environment/system-architecture",
    references=(
        "https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/",
    ),
)
_TAG: Final = re.compile(r"(?P<python>[a-z]+\d*[\w.]*)-(?P<abi>[\w.]+)-(?P<platform>[\w.]+)")
_OWN: Final = re.compile(r"cp(\d)(\d+)t?")
_MACHINES: Final = {
    "x86_64": ("x86_64", "amd64"),
    "amd64": ("x86_64", "amd64"),
    "aarch64": ("aarch64", "arm64"),
    "arm64": ("aarch64", "arm64", "universal2"),
}
_SYSTEMS: Final = {"Linux": ("linux",), "Darwin": ("macosx",), "Windows": ("win",)}


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Read each wheel's tags: one of them has to be this Python's."""
    python = python_of(snapshot)
    if python is None or snapshot.environment is None:
        return unknown_python(snapshot)
    version = release_of(python.version or "")
    system = snapshot.environment.system
    if version is None or system is None:
        return not_known("the version of Python, or the system")
    tagged = [each for each in python.packages if each.tags]
    if not tagged:
        return not_known("the tags of the wheels that are installed")
    if (python.implementation or "cpython").lower() != "cpython":
        return does_not_apply("tags are read for CPython alone")
    for each in tagged:
        fits = [_fits(tag, version, system) for tag in each.tags]
        if all(one is False for one in fits):
            return failed(
                f"{each.name.capitalize()} {each.version} was built for {each.tags[0]}, "
                f"not for Python {version[0]}.{version[1]} under {system.name} {system.machine}.",
                installed(each),
                seen(f"tag of its wheel: {each.tags[0]}"),
                seen(f"Python {python.version}"),
                remedy=f"python -m pip install --force-reinstall --no-deps {_same(each)}, without "
                "another Python in PYTHONPATH.",
            )
    return passed(
        f"The wheels of {counted(len(tagged), 'package')} fit this Python.", installed(tagged[0])
    )


def _same(package: Package) -> str:
    return requirement(f"{package.name}=={package.version.partition('+')[0]}")


def _fits(tag: str, version: tuple[int, ...], system: System) -> bool | None:
    """Say whether a tag may be used here; None for one that is not read."""
    found = _TAG.fullmatch(tag)
    if found is None:
        return None
    if found["abi"] not in ("abi3", "none"):
        own = [_OWN.fullmatch(each) for each in found["abi"].split(".")]
        if any(each is None for each in own):
            return None
        if not any((int(each[1]), int(each[2])) == version for each in own if each):
            return False
    platform = found["platform"].lower()
    if platform == "any":
        return True
    systems = _SYSTEMS.get(system.name, ())
    machines = _MACHINES.get(system.machine.lower(), ())
    if not systems or not machines:
        return None
    right_system = any(each in platform for each in systems)
    has_machine = any(each in platform for each in ("x86_64", "amd64", "aarch64", "arm64"))
    right_machine = not has_machine or any(each in platform for each in machines)
    return right_system and (right_machine or "universal2" in platform)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, *tags: str, system: str = "Linux", machine: str = "x86_64") -> Example:
        made = computer(package("torch", "2.6.0", tags=tags), system=system, architecture=machine)
        return Example(outcome=outcome, snapshot=world(environment=made))

    yield of(Outcome.PASS, "cp311-cp311-manylinux_2_28_x86_64")
    yield of(Outcome.PASS, "cp39-abi3-manylinux_2_17_x86_64", "cp39-abi3-manylinux2014_x86_64")
    yield of(Outcome.PASS, "py3-none-any")
    yield of(Outcome.PASS, "cp311-cp311-win_amd64", system="Windows", machine="AMD64")
    yield of(Outcome.PASS, "cp311-none-macosx_11_0_arm64", system="Darwin", machine="arm64")
    yield of(Outcome.PASS, "cp311-cp311-macosx_10_9_universal2", system="Darwin", machine="arm64")
    yield of(Outcome.FAIL, "cp310-cp310-manylinux_2_28_x86_64")
    yield of(Outcome.FAIL, "cp311-cp311-manylinux_2_28_aarch64")
    yield of(Outcome.FAIL, "cp311-cp311-win_amd64")
    yield of(Outcome.SKIP)
