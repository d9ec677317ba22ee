"""The packages that transformers compares at its import are of the versions that it asks for.

Why: "import transformers" looks at the versions of tokenizers, huggingface-hub, safetensors, numpy,
accelerate and some more, and stops when one is out of range: "tokenizers>=0.22,<0.23 is required
for a normal functioning of this module, but found tokenizers==0.21.0". Another pip install moved
one of them.

Fix: install the version that is asked for, or move transformers to a release that goes with it.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import installed, python_of, unknown_python
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.releases import Requirement, fulfils, read_requirement
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.words_to_copy import requirement
from firstmile.check.worlds import world
from firstmile.facts.environment import Package
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    entries=(
        "a-pinned-requirement-of-transformers-is-not-met",
        "huggingface-hub-does-not-fit-its-users",
    ),
    references=(
        "https://github.com/huggingface/transformers/blob/main/src/transformers/dependency_versions_check.py",
    ),
)
COMPARED: Final = frozenset(
    ("tqdm", "regex", "packaging", "filelock", "numpy", "tokenizers", "huggingface-hub",
     "safetensors", "pyyaml")
)  # fmt: skip
"""Packages that transformers compares at its import (beside accelerate, an extra)."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold what is installed against what transformers' metadata requires."""
    python = python_of(snapshot)
    if python is None or snapshot.environment is None:
        return unknown_python(snapshot)
    transformers = python.package("transformers")
    if transformers is None:
        return does_not_apply("transformers is not installed")
    judged = 0
    for text in transformers.requires:
        wanted = read_requirement(text, python, snapshot.environment.system)
        if wanted is None or wanted.name not in COMPARED:
            continue
        there = python.package(wanted.name)
        if there is None:
            continue
        fits = fulfils(there.version, wanted.versions)
        judged += fits is not None
        if fits is False:
            return _refused(transformers, there, wanted)
    if not judged:
        return not_known("what the installed transformers requires")
    return passed(
        f"What transformers {transformers.version} compares at its import fits.",
        installed(transformers),
    )


def _refused(transformers: Package, there: Package, wanted: Requirement) -> Verdict:
    return failed(
        f"Transformers {transformers.version} needs {wanted.name}{wanted.versions}, "
        f"but {there.version} is installed: its import stops.",
        seen(f"transformers {transformers.version} requires {wanted.name}{wanted.versions}"),
        installed(there),
        remedy=f"pip install {requirement(f'{wanted.name}{wanted.versions}')}",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, *packages: Package, says: str = "") -> Example:
        return Example(outcome=outcome, snapshot=world(environment=computer(*packages)), says=says)

    asking = package(
        "transformers", "4.46.3", "tokenizers <0.21,>=0.20", "huggingface-hub <1.0,>=0.23.2"
    )
    hub = package("huggingface-hub", "0.36.0")
    yield of(Outcome.PASS, asking, hub, package("tokenizers", "0.20.3"))
    yield of(
        Outcome.FAIL, asking, hub, package("tokenizers", "0.21.0"), says="tokenizers<0.21,>=0.20"
    )
    yield of(Outcome.FAIL, asking, package("huggingface-hub", "1.0.0"))
    yield of(Outcome.SKIP, package("torch", "2.6.0"), says="does not apply")
    yield of(Outcome.SKIP, package("transformers", "4.46.3"), says="not known")
