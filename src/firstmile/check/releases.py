"""Versions and requirements as Python's packaging defines them: order, and what fulfils what."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from firstmile.facts.environment import Interpreter, System
from firstmile.facts.package_metadata import normal

Key = tuple[int, tuple[int, ...], tuple[int, int], int, int]
"""Epoch, release, pre-release, post-release and development number, so that they compare."""

_VERSION: Final = re.compile(
    r"v?(?:(?P<epoch>\d{1,9})!)?(?P<release>\d{1,9}(?:\.\d{1,9}){0,9})"
    r"(?:[-_.]?(?P<pre>a|b|c|rc|alpha|beta|pre|preview)[-_.]?(?P<pre_n>\d{0,9}))?"
    r"(?:(?:-(?P<post_n1>\d{1,9}))|(?:[-_.]?(?:post|rev|r)[-_.]?(?P<post_n2>\d{0,9})))?"
    r"(?P<dev>[-_.]?dev[-_.]?(?P<dev_n>\d{0,9}))?"
    r"(?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?",
    re.IGNORECASE,
)
_PRE: Final = {"a": 0, "alpha": 0, "b": 1, "beta": 1, "c": 2, "rc": 2, "pre": 2, "preview": 2}
_FINAL: Final = (9, 0)
_LATEST: Final = 1 << 40
_CLAUSE: Final = re.compile(r"(===|==|!=|<=|>=|~=|<|>)\s*([^\s,]{1,80})")
_REQUIREMENT: Final = re.compile(
    r"(?P<name>[A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(?:\((?P<inside>[^)]*)\)|(?P<bare>[^;@]*))"
)
_TERM: Final = re.compile(
    r"\(*\s*(?P<name>\w+)\s*(?P<sign>===|==|!=|<=|>=|~=|<|>|not\s+in|in)"
    r"""\s*['"](?P<value>[^'"]*)['"]\s*\)*"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """A package that is required, and the versions that fulfil it (empty: all)."""

    name: str
    versions: str


@cache
def key_of(version: str) -> Key | None:
    """Return what a version is ordered by (PEP 440), or None for what is no version.

    What stands behind a plus sign, which says of a build, is left out.
    """
    found = _VERSION.fullmatch(version.strip())
    if found is None:
        return None
    release = tuple(int(part) for part in found["release"].split("."))
    while len(release) > 1 and release[-1] == 0:
        release = release[:-1]
    pre = (_PRE[found["pre"].lower()], int(found["pre_n"] or 0)) if found["pre"] else _FINAL
    has_post = found["post_n1"] is not None or found["post_n2"] is not None
    post = int(found["post_n1"] or found["post_n2"] or 0) if has_post else -1
    development = int(found["dev_n"] or 0) if found["dev"] else _LATEST
    if found["dev"] and not found["pre"] and not has_post:
        pre = (-1, 0)
    return int(found["epoch"] or 0), release, pre, post, development


def older(version: str | None, than: str) -> bool | None:
    """Say whether a version comes before another; None where it is not known."""
    mine, other = key_of(version or ""), key_of(than)
    return None if mine is None or other is None else mine < other


def release_of(version: str, parts: int = 2) -> tuple[int, ...] | None:
    """Return the first numbers of a version: (2, 6) of 2.6.0+cu124."""
    found = _VERSION.fullmatch(version.strip())
    if found is None:
        return None
    numbers = [int(part) for part in found["release"].split(".")][:parts]
    return tuple(numbers + [0] * (parts - len(numbers)))


def local_of(version: str) -> str | None:
    """Return what stands behind a plus sign in a version: "cu124" of 2.6.0+cu124."""
    return version.partition("+")[2] or None


def fulfils(version: str, versions: str) -> bool | None:
    """Say whether a version fulfils a list such as ">=4.40,<5"; None where that is not known.

    Pre-releases count as what they are: the question is what is installed, not what to install.
    """
    key = key_of(version)
    if key is None:
        return None
    for sign, text in _CLAUSE.findall(versions):
        met = _meets(version, key, sign, text)
        if met is not True:
            return met
    return True


def _meets(version: str, key: Key, sign: str, text: str) -> bool | None:
    if sign == "===":
        return version.strip().lower() == text.lower()
    if sign in ("==", "!="):
        same = _same(version, key, text)
        return None if same is None else same == (sign == "==")
    other = key_of(text)
    if other is None:
        return None
    if sign == "~=":
        return key >= other and _starts(key, text.rpartition(".")[0])
    if sign == "<":
        # A pre-release of the bound itself does not fulfil it (PEP 440, exclusive ordering).
        return key < other and not (
            key[:2] == other[:2] and _is_early(key) and not _is_early(other)
        )
    if sign == ">":
        return key > other and not (key[:3] == other[:3] and key[3] >= 0 > other[3])
    return key <= other if sign == "<=" else key >= other


def _is_early(key: Key) -> bool:
    return key[2] != _FINAL or key[4] != _LATEST


def _same(version: str, key: Key, text: str) -> bool | None:
    if text.endswith(".*"):
        return _starts(key, text[:-2])
    other = key_of(text)
    if other is None:
        return None
    local = local_of(text)
    return key == other and (local is None or local == local_of(version))


def _starts(key: Key, beginning: str) -> bool | None:
    """Say whether a version begins with the numbers of another: 2.6.1 with "2.6"."""
    found = _VERSION.fullmatch(beginning)
    if found is None:
        return None
    numbers = tuple(int(part) for part in found["release"].split("."))
    release = key[1] + (0,) * len(numbers)
    return key[0] == int(found["epoch"] or 0) and release[: len(numbers)] == numbers


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
