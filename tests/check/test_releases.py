"""Versions are ordered and requirements are read as Python's own packaging library does it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from firstmile.check.machine_worlds import computer
from firstmile.check.releases import (
    Requirement,
    fulfils,
    holds,
    key_of,
    local_of,
    older,
    read_requirement,
    release_of,
)

NUMBERS = st.lists(st.integers(0, 30), min_size=1, max_size=4).map(
    lambda parts: ".".join(map(str, parts))
)
ENDINGS = st.sampled_from(["", "a1", "b2", "rc1", ".dev3", ".post1", "rc1.dev2", ".post2.dev1"])
VERSIONS = st.builds(lambda number, ending: number + ending, NUMBERS, ENDINGS)


@given(VERSIONS, VERSIONS)
def test_versions_are_ordered_as_packaging_orders_them(first: str, second: str) -> None:
    mine, other = key_of(first), key_of(second)
    assert mine is not None
    assert other is not None
    assert (mine < other) == (Version(first) < Version(second))
    assert (mine == other) == (Version(first) == Version(second))


@given(VERSIONS, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), VERSIONS)
def test_what_fulfils_a_clause_is_what_packaging_takes(version: str, sign: str, bound: str) -> None:
    expected = SpecifierSet(f"{sign}{bound}", prereleases=True).contains(version)
    assert fulfils(version, f"{sign}{bound}") == expected


@given(VERSIONS, st.lists(st.integers(0, 30), min_size=2, max_size=3))
def test_beginnings_and_compatible_releases_are_met_as_in_packaging(
    version: str, parts: list[int]
) -> None:
    bound = ".".join(map(str, parts))
    for clause in (f"=={bound}.*", f"!={bound}.*", f"~={bound}"):
        expected = SpecifierSet(clause, prereleases=True).contains(version)
        assert fulfils(version, clause) == expected, clause


@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_a_package_says_of_itself_nothing_breaks(version: str, versions: str) -> None:
    assert fulfils(version, versions) in (True, False, None)
    read_requirement(versions, None, None)


@pytest.mark.parametrize("version", ["9" * 5_000, "1." * 600, "1.x", "", " "])
def test_a_version_that_is_none_is_not_known(version: str) -> None:
    assert key_of(version) is None
    assert fulfils(version, ">=1") is None
    assert fulfils("1.0", f">={version},<2") is None


def test_a_build_counts_only_where_it_is_asked_for() -> None:
    assert fulfils("2.6.0+cu124", "==2.6.0") is True
    assert fulfils("2.6.0", "==2.6.0+cu124") is False
    assert older("2.6.0+cu124", "2.6.0") is False
    assert (local_of("2.6.0+cu124"), release_of("2.6.0+cu124")) == ("cu124", (2, 6))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('platform_system == "Linux" and platform_machine == "x86_64"', True),
        ('platform_system == "Windows" or python_version >= "3.9"', True),
        ("sys_platform != 'linux'", False),
        ('python_version < "3.11"', False),
        ('implementation_name == "pypy"', False),
        ('platform_release >= "5"', None),
        ('(python_version < "3" or os_name == "nt") and sys_platform == "linux"', None),
    ],
)
def test_conditions_are_read_or_not_known(condition: str, expected: bool | None) -> None:
    made = computer(python="3.11.9")
    requirement = read_requirement(f"torch>=2; {condition}", made.python, made.system)
    assert (requirement is not None) == (expected is True)
    known = {"platform_system": "Linux", "platform_machine": "x86_64", "sys_platform": "linux"}
    if condition.startswith("platform_system"):
        assert holds(condition, {**known, "python_version": "3.11"}) is expected


def test_requirements_are_read_in_both_old_and_new_form() -> None:
    expected = Requirement(name="huggingface-hub", versions="<1.0,>=0.23.2")
    for text in ("huggingface-hub <1.0,>=0.23.2", "huggingface_hub[torch] (<1.0,>=0.23.2)"):
        assert read_requirement(text, None, None) == expected
    assert read_requirement("vllm @ https://example.org/vllm.whl", None, None) is None
