"""The version of Python is one that the installed libraries support.

Why: libraries name the versions of Python that they run on. pip holds to it, but folders that were
copied, PYTHONPATH and "--ignore-requires-python" do not: then imports end in SyntaxError, or in a
function of Python's own that is not there. vLLM, SGLang and torch follow a new Python with months
of delay; pip then says "No matching distribution found for torch".

Fix: make an environment of a Python that all support: uv venv --python 3.12.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import (
    installed,
    package_of_engine,
    python_of,
    unknown_python,
)
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.releases import fulfils, release_of
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, failed, not_known, passed, seen
from firstmile.check.worlds import world
from firstmile.facts.environment import Package
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    references=(
        "https://docs.vllm.ai/en/v0.14.0/getting_started/installation/gpu/",
        "https://packaging.python.org/en/latest/specifications/core-metadata/#requires-python",
    ),
)
_OLDEST: Final = {"vllm": (3, 9), "sglang": (3, 9), "transformers": (3, 9)}
"""Python below which no release of the last two years runs (transformers 4.46 to 4.57: 3.9)."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare Python with what each package's metadata asks for."""
    python = python_of(snapshot)
    if python is None:
        name = package_of_engine(intent)
        read = snapshot.environment.python if snapshot.environment is not None else None
        version = release_of(read.version or "") if read is not None else None
        if name in _OLDEST and version is not None and version < _OLDEST[name]:
            return failed(
                f"Python {version[0]}.{version[1]} is too old for any current {name}.",
                seen(f"Python {version[0]}.{version[1]}"),
                remedy="uv venv --python 3.12",
            )
        return unknown_python(snapshot)
    if python.version is None:
        return not_known("the version of Python")
    asking = [each for each in python.packages if each.requires_python]
    if not asking:
        return not_known("which Python the installed packages ask for")
    for each in asking:
        if fulfils(python.version, each.requires_python or "") is False:
            return failed(
                f"{each.name.capitalize()} {each.version} needs Python {each.requires_python}, "
                f"but {python.version} runs it.",
                installed(each),
                seen(f"Python {python.version}"),
                remedy="uv venv --python 3.12, and install the packages anew into it.",
            )
    return passed(
        f"Python {python.version} is one that the packages support.", installed(asking[0])
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, python: str, *packages: Package, engine: str | None = None) -> Example:
        made = computer(*packages, python=python)
        return Example(
            outcome=outcome, snapshot=world(environment=made), intent=Intent(engine=engine)
        )

    vllm = package("vllm", "0.11.0", requires_python="<3.14,>=3.10")
    yield of(Outcome.PASS, "3.12.4", vllm)
    yield of(Outcome.PASS, "3.13.0rc1", vllm)
    yield of(Outcome.FAIL, "3.9.18", vllm)
    yield of(Outcome.FAIL, "3.14.0", vllm)
    yield of(Outcome.FAIL, "3.8.10", package("numpy", "1.24.4"), engine="vllm")
    yield of(Outcome.SKIP, "3.12.4", package("torch", "2.6.0"))
    yield of(Outcome.SKIP, "3.12.4", package("numpy", "1.26.4"), engine="vllm")
