"""Installed packages are of the versions that the others among them require.

Why: each pip install moves what it needs and leaves the rest as it is. vLLM and SGLang are
compiled against one exact torch and fail at import beside another ("undefined symbol");
others meet functions that are not there yet, or no longer.

Fix: give an engine an environment of its own, and install it last, in one command with what must
stay; "python -m pip check" then has nothing to say.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.checks.transformers_refuses_its_requirements_at_the_import import COMPARED
from firstmile.check.counting import counted
from firstmile.check.installed import python_of, unknown_python
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.releases import Requirement, fulfils, read_requirement
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, failed, not_known, passed, seen, warned
from firstmile.check.words_to_copy import requirement, text_word
from firstmile.check.worlds import world
from firstmile.facts.environment import Environment, Interpreter, Package
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    entries=(
        "library-imports-a-name-newer-than-transformers",
        "torch-is-missing-or-too-old-for-transformers",
        "accelerate-is-missing-or-too-old",
    ),
    references=("https://pip.pypa.io/en/stable/cli/pip_check/",),
)
_BOUND_TO_TORCH: Final = ("vllm", "sglang", "sgl-kernel", "tensorrt-llm", "lmdeploy", "torchao")
"""Packages with code that is compiled against one torch."""
_ELSEWHERE: Final = ("torchvision", "torchaudio", "xformers")
_MOST: Final = 6


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Go through the requirements of all packages, but those that checks of their own judge."""
    python = python_of(snapshot)
    if python is None or snapshot.environment is None:
        return unknown_python(snapshot)
    if not any(each.requires for each in python.packages):
        return not_known("what the installed packages require")
    unmet = list(_unmet(python, snapshot.environment))
    if not unmet:
        return passed(
            "The installed packages fulfil each other's requirements.",
            seen(f"{counted(len(python.packages), 'package was', 'packages were')} compared"),
        )
    unmet.sort(key=lambda one: (not _breaks(one), one[0].name))
    asking, there, wanted = unmet[0]
    more = f" (and {len(unmet) - 1} more)" if len(unmet) > 1 else ""
    say = failed if _breaks(unmet[0]) else warned
    asked = " ".join(requirement(f"{one.name}{one.versions}") for _, _, one in unmet[:_MOST])
    return say(
        f"{asking.name.capitalize()} {asking.version} needs {wanted.name}{wanted.versions}, "
        f"but {there.version} is installed{more}.",
        *(
            seen(f"{a.name} {a.version} requires {w.name}{w.versions}; {t.version} is installed")
            for a, t, w in unmet[:_MOST]
        ),
        remedy=f"pip install {asked}, or {text_word(asking.name)} in a release that takes "
        f"{text_word(there.name)} {text_word(there.version)}.",
    )


def _unmet(
    python: Interpreter, environment: Environment
) -> Iterator[tuple[Package, Package, Requirement]]:
    """Yield who asks, what is there, and what was asked for."""
    for asking in python.packages:
        for text in asking.requires:
            wanted = read_requirement(text, python, environment.system)
            if wanted is None or wanted.name.startswith("nvidia-") or not wanted.versions:
                continue
            if asking.name == "transformers" and wanted.name in COMPARED:
                continue
            if asking.name in _ELSEWHERE and wanted.name == "torch":
                continue
            there = python.package(wanted.name)
            if there is not None and fulfils(there.version, wanted.versions) is False:
                yield asking, there, wanted


def _breaks(unmet: tuple[Package, Package, Requirement]) -> bool:
    """Say whether a requirement is one that nothing works without."""
    asking, _, wanted = unmet
    return asking.name in _BOUND_TO_TORCH and wanted.name == "torch" and "==" in wanted.versions


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, *packages: Package, says: str = "") -> Example:
        return Example(outcome=outcome, snapshot=world(environment=computer(*packages)), says=says)

    vllm = package("vllm", "0.9.0", "torch==2.7.0", 'numpy; python_version < "3.13"')
    trl = package("trl", "0.24.0", "transformers>=4.56.1", "accelerate>=1.4.0")
    yield of(Outcome.PASS, vllm, package("torch", "2.7.0+cu128"))
    yield of(Outcome.FAIL, vllm, package("torch", "2.6.0+cu124"), says="needs torch==2.7.0")
    yield of(Outcome.PASS, trl, package("transformers", "4.57.1"))
    yield of(Outcome.WARN, trl, package("transformers", "4.51.3"))
    yield of(
        Outcome.FAIL,
        trl,
        vllm,
        package("transformers", "4.51.3"),
        package("torch", "2.6.0"),
        says="and 1 more",
    )
    yield of(Outcome.SKIP, package("torch", "2.6.0"), says="not known")
