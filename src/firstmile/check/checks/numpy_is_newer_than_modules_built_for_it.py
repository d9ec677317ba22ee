"""No compiled package was built for NumPy 1 while NumPy 2 is installed.

Why: NumPy 2 changed its binary interface. Modules that were compiled against NumPy 1 fail at
import ("numpy.core.multiarray failed to import", "numpy.dtype size changed"), or go on without
NumPy, as torch before 2.3 does: "RuntimeError: Numpy is not available" at the first conversion.

Fix: pip install "numpy<2", or upgrade the package to a release that was built for NumPy 2.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import installed, python_of, unknown_python
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.releases import older
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, passed
from firstmile.check.worlds import world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    entries=("numpy-2-meets-modules-built-for-numpy-1",),
    references=(
        "https://numpy.org/doc/stable/numpy_2_0_migration_guide.html",
        "https://github.com/numpy/numpy/issues/26191",
    ),
)
FIRST_BUILT_FOR_TWO: Final = {
    "torch": "2.3.0",
    "scipy": "1.13.0",
    "pandas": "2.2.2",
    "pyarrow": "16.0.0",
    "onnxruntime": "1.19.0",
    "onnxruntime-gpu": "1.19.0",
}
"""First releases whose wheels work with NumPy 2 (numpy issue 26191 and the projects' notes)."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the packages that are compiled against NumPy with their first fitting release."""
    python = python_of(snapshot)
    if python is None:
        return unknown_python(snapshot)
    numpy = python.package("numpy")
    if numpy is None or older(numpy.version, "2.0.0") is not False:
        return does_not_apply("NumPy 2 is not installed")
    for name, first in FIRST_BUILT_FOR_TWO.items():
        each = python.package(name)
        if each is not None and older(each.version.partition("+")[0], first):
            return failed(
                f"{name.capitalize()} {each.version} was built for NumPy 1, "
                f"but NumPy {numpy.version} is installed.",
                installed(each),
                installed(numpy),
                remedy=f'pip install "numpy<2", or pip install -U "{name}>={first}"',
            )
    return passed("What is compiled against NumPy was built for NumPy 2.", installed(numpy))


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, *packages: str) -> Example:
        made = computer(*(package(*each.split("==")) for each in packages))
        return Example(outcome=outcome, snapshot=world(environment=made))

    yield of(Outcome.PASS, "torch==2.3.0", "numpy==2.0.1")
    yield of(Outcome.PASS, "torch==2.6.0+cu124", "numpy==2.1.0", "pandas==2.2.2")
    yield of(Outcome.FAIL, "torch==2.2.2+cu121", "numpy==2.0.1")
    yield of(Outcome.FAIL, "torch==2.6.0", "numpy==2.0.0", "pandas==2.1.4")
    yield of(Outcome.SKIP, "torch==2.2.2", "numpy==1.26.4")
