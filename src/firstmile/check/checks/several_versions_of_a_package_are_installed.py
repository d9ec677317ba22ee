"""Each package lies in the search path in one version alone.

Why: an upgrade that was broken off, a user site (~/.local) beside an environment, or PYTHONPATH
leave two versions of a package. Python imports the first and version checks may read the second,
so that what pip lists is not what runs: functions are missing though the version is right.

Fix: uninstall the package until pip says that it is not installed, then install it once; leave
the user site out with PYTHONNOUSERSITE=1.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.installed import python_of, unknown_python
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, passed, seen, warned
from firstmile.check.words_to_copy import text_word
from firstmile.check.worlds import world
from firstmile.facts.environment import Package
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    entries=("a-pinned-requirement-of-transformers-is-not-met",),
    references=("https://docs.python.org/3/library/site.html",),
)
_HARMLESS: Final = ("pip", "setuptools", "packaging")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for packages of which several versions were found."""
    python = python_of(snapshot)
    if python is None:
        return unknown_python(snapshot)
    several = [each for each in python.packages if each.copies > 1 and each.name not in _HARMLESS]
    if not several:
        return passed(
            "Each package was found in one version.",
            seen(f"{counted(len(python.packages), 'package was', 'packages were')} looked at"),
        )
    names = " ".join(text_word(each.name) for each in several)
    return warned(
        f"{several[0].name.capitalize()} was found in {several[0].copies} versions"
        + (
            f", and so {'was' if len(several) == 2 else 'were'} "
            f"{counted(len(several) - 1, 'other package')}."
            if several[1:]
            else "."
        ),
        *(seen(f"{each.name} {each.version} comes first of {each.copies}") for each in several[:6]),
        remedy=f"python -m pip uninstall -y {names}, until nothing is left of them, and install "
        "them again; or set PYTHONNOUSERSITE=1 where the second lies in ~/.local.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, *packages: Package) -> Example:
        return Example(outcome=outcome, snapshot=world(environment=computer(*packages)))

    torch = package("torch", "2.6.0")
    yield of(Outcome.PASS, torch)
    yield of(Outcome.WARN, torch, package("tokenizers", "0.21.0", copies=2))
    yield of(Outcome.PASS, torch, package("pip", "24.0", copies=2))
    yield Example(outcome=Outcome.SKIP, snapshot=world(), says="not known")
