"""Versions and requirements as Python's packaging defines them: order, and what fulfils what.

Requirements with their conditions are read here, not by `packaging`: of a machine that is judged
by a snapshot not everything is known, and thousands of them are read in a fifth of the time.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

import msgspec
from packaging.version import Version

from firstmile.facts.environment import Interpreter, System
from firstmile.facts.package_metadata import normal

_LONGEST: Final = 1_000
"""Characters of a version or of a list of clauses that is read."""
_REQUIREMENT: Final = re.compile(
    r"(?P<name>[A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(?:\((?P<inside>[^)]*)\)|(?P<bare>[^;@]*))"
)
_TERM: Final = re.compile(
    r"\(*\s*(?P<name>\w+)\s*(?P<sign>===|==|!=|<=|>=|~=|<|>|not\s+in|in)"
    r"""\s*['"](?P<value>[^'"]*)['"]\s*\)*"""
)


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """A package that is required, and the versions that fulfil it (empty: all)."""

    name: str
    versions: str


@cache
def key_of(version: str) -> Version | None:
    """Return what a version is ordered by, or None for what is no version.

    What stands behind a plus sign, which says of a build, is left out.
    """
    if len(version) > _LONGEST:
        return None
    try:
        return Version(Version(version).public)
    except ValueError:
        return None


def older(version: str | None, than: str) -> bool | None:
    """Say whether a version comes before another; None where it is not known."""
    mine, other = key_of(version or ""), key_of(than)
    return None if mine is None or other is None else mine < other


def release_of(version: str, parts: int = 2) -> tuple[int, ...] | None:
    """Return the first numbers of a version: (2, 6) of 2.6.0+cu124."""
    key = key_of(version)
    if key is None:
        return None
    numbers = key.release[:parts]
    return numbers + (0,) * (parts - len(numbers))


def local_of(version: str) -> str | None:
    """Return what stands behind a plus sign in a version: "cu124" of 2.6.0+cu124."""
    return version.partition("+")[2] or None


@cache
def fulfils(version: str, versions: str) -> bool | None:
    """Say whether a version fulfils a list such as ">=4.40,<5"; None where that is not known.

    Pre-releases count as what they are: the question is what is installed, not what to install.
    """
    from packaging.specifiers import SpecifierSet

    if key_of(version) is None or len(versions) > _LONGEST:
        return None
    try:
        return SpecifierSet(versions, prereleases=True).contains(version)
    except ValueError:
        return None


def read_requirement(
    text: str, python: Interpreter | None, system: System | None
) -> Requirement | None:
    """Return a requirement that holds on a machine; None for one that does not, or is not read.

    One whose condition asks for what is not known is passed over as well.
    """
    said, _, condition = text.partition(";")
    found = _REQUIREMENT.match(said.strip())
    if found is None or "@" in said:
        return None
    if condition.strip() and holds(condition, _facts(python, system)) is not True:
        return None
    versions = (found["inside"] or found["bare"] or "").strip()
    return Requirement(name=normal(found["name"]), versions=versions.replace(" ", ""))


def _facts(python: Interpreter | None, system: System | None) -> dict[str, str]:
    known: dict[str, str] = {}
    if system is not None:
        known["platform_system"] = system.name
        known["platform_machine"] = system.machine
        known["sys_platform"] = {"Linux": "linux", "Darwin": "darwin", "Windows": "win32"}.get(
            system.name, system.name.lower()
        )
        known["os_name"] = "nt" if system.name == "Windows" else "posix"
    if python is not None and python.version:
        numbers = release_of(python.version)
        if numbers:
            known["python_version"] = ".".join(map(str, numbers))
            known["python_full_version"] = python.version
    if python is not None and python.implementation:
        known["implementation_name"] = python.implementation.lower()
        known["platform_python_implementation"] = python.implementation
    return known


def holds(condition: str, known: Mapping[str, str]) -> bool | None:
    """Say whether a condition of a requirement holds; None where that is not known.

    Conditions are terms joined by "and" and "or", of which "and" binds closer (PEP 508);
    those with brackets around several terms are not read.
    """
    if re.search(r"\([^()]*\b(?:and|or)\b[^()]*\)", condition):
        return None
    any_unknown = False
    for branch in re.split(r"\bor\b", condition):
        terms = [_term(each, known) for each in re.split(r"\band\b", branch)]
        if all(term is True for term in terms):
            return True
        any_unknown = any_unknown or (False not in terms)
    return None if any_unknown else False


def _term(text: str, known: Mapping[str, str]) -> bool | None:
    found = _TERM.fullmatch(text.strip())
    value = known.get(found["name"]) if found else None
    if found is None or value is None:
        return None
    sign, wanted = " ".join(found["sign"].split()), found["value"]
    if sign == "in":
        return value in wanted
    if sign == "not in":
        return value not in wanted
    if found["name"].startswith("python_"):
        return fulfils(value, sign + wanted)
    if sign in ("==", "==="):
        return (
            value.lower() == wanted.lower()
            if found["name"] != "platform_system"
            else (value == wanted)
        )
    return value != wanted if sign == "!=" else None
