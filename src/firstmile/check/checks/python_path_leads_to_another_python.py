"""PYTHONPATH leads to no packages of another version of Python.

Why: folders in PYTHONPATH come before those of the environment. One that belongs to another Python
(a path with python3.9 in it, under 3.11), often left by a module system or a vendor's setup script,
brings compiled packages that cannot be imported, and versions that pip knows nothing of.

Fix: unset PYTHONPATH before the run, or take the foreign folder out of it.
"""

import re
from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import value_of
from firstmile.check.intent import Intent
from firstmile.check.releases import release_of
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    not_known,
    passed,
    seen,
    warned,
)
from firstmile.check.worlds import machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    references=("https://docs.python.org/3/using/cmdline.html#envvar-PYTHONPATH",),
)
_OTHER: Final = re.compile(r"python(\d)\.(\d{1,2})/(?:site|dist)-packages")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for another version in the folders' names."""
    environment = snapshot.environment
    if environment is None or environment.python is None:
        return not_known("the installed Python")
    path = value_of(snapshot, intent, "PYTHONPATH")
    if not path:
        return does_not_apply("PYTHONPATH is not set")
    version = release_of(environment.python.version or "")
    if version is None:
        return not_known("the version of Python")
    proof = (seen(f"PYTHONPATH = {path}"), seen(f"Python {environment.python.version}"))
    for major, minor in _OTHER.findall(path):
        if (int(major), int(minor)) != version:
            return warned(
                f"PYTHONPATH leads to packages of Python {major}.{minor}, "
                f"but {version[0]}.{version[1]} runs.",
                *proof,
                remedy="unset PYTHONPATH",
            )
    return passed("PYTHONPATH leads to no packages of another Python.", *proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, path: str | None) -> Example:
        made = machine(variables={"PYTHONPATH": path} if path else {})
        return Example(outcome=outcome, snapshot=world(environment=made))

    yield of(Outcome.PASS, "/srv/project/src")
    yield of(Outcome.PASS, "/opt/lib/python3.11/site-packages")
    yield of(Outcome.WARN, "/srv/project/src:/opt/lib/python3.9/site-packages")
    yield of(Outcome.SKIP, None)
