"""xformers was built for the release of torch that is installed beside it.

Why: xformers' kernels are compiled against one release of torch, which its wheel writes down.
Beside another it says "WARNING[XFORMERS]: xFormers can't load C++/CUDA extensions" and its
memory-efficient attention is missing, so that engines which rely on it (older vLLM, unsloth)
stop at "No operator found for memory_efficient_attention_forward".

Fix: install the xformers of this torch's release; where nothing needs it, uninstall it.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.installed import installed, python_of, unknown_python
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.releases import fulfils, read_requirement, release_of
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    not_known,
    passed,
    seen,
    warned,
)
from firstmile.check.words_to_copy import text_word
from firstmile.check.worlds import world
from firstmile.facts.environment import BuiltFor, Package
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/import-error",
    cause="environment/dependency-library",
    references=("https://github.com/facebookresearch/xformers#installing-xformers",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare torch with the one that xformers names, by its build or its requirement."""
    python = python_of(snapshot)
    if python is None or snapshot.environment is None:
        return unknown_python(snapshot)
    torch, xformers = python.package("torch"), python.package("xformers")
    if torch is None or xformers is None:
        return does_not_apply("xformers is not installed beside torch")
    built = xformers.built.torch if xformers.built is not None else None
    wanted, there = release_of(built or ""), release_of(torch.version)
    if wanted is not None and there is not None:
        fits: bool | None = wanted == there
        needs = f"torch {built}"
    else:
        versions = _required(xformers, snapshot)
        fits = fulfils(torch.version, versions) if versions else None
        needs = f"torch{versions}"
    if fits is None:
        return not_known(f"which torch xformers {xformers.version} was built for")
    proof = (seen(f"xformers {xformers.version}: built for {needs}"), installed(torch))
    if fits:
        return passed(f"The installed xformers {xformers.version} fits this torch.", *proof)
    relied_on = python.package("unsloth") is not None or _is_required(snapshot)
    say = failed if relied_on else warned
    return say(
        f"The installed xformers {xformers.version} was built for {needs}, "
        f"not for torch {torch.version}.",
        *proof,
        remedy="pip install --force-reinstall --no-deps xformers in the release made for torch "
        f"{text_word(torch.version.partition('+')[0])}, or pip uninstall -y xformers.",
    )


def _required(xformers: Package, snapshot: Snapshot) -> str | None:
    environment = snapshot.environment
    assert environment is not None
    for text in xformers.requires:
        found = read_requirement(text, environment.python, environment.system)
        if found is not None and found.name == "torch" and "==" in found.versions:
            return found.versions
    return None


def _is_required(snapshot: Snapshot) -> bool:
    """Say whether the installed vLLM requires xformers, as those before its own kernels did."""
    environment = snapshot.environment
    vllm = environment.python.package("vllm") if environment and environment.python else None
    return vllm is not None and any(each.startswith("xformers") for each in vllm.requires)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, torch: str, *more: Package, built: str | None = None) -> Example:
        own = BuiltFor(torch=built) if built else None
        requires = () if built else ("torch==2.6.0",)
        made = computer(
            package("torch", torch), package("xformers", "0.0.29", *requires, built=own), *more
        )
        return Example(outcome=outcome, snapshot=world(environment=made))

    vllm = package("vllm", "0.6.3", "xformers==0.0.27.post2")
    yield of(Outcome.PASS, "2.6.0+cu124", built="2.6.0+cu124")
    yield of(Outcome.PASS, "2.6.1+cu124", built="2.6.0+cu124")
    yield of(Outcome.PASS, "2.6.0+cu124")
    yield of(Outcome.WARN, "2.7.0+cu126", built="2.6.0+cu124")
    yield of(Outcome.FAIL, "2.5.1+cu124", vllm, built="2.6.0+cu124")
    yield of(Outcome.FAIL, "2.5.1+cu124", package("unsloth", "2025.1.1"))
    alone = computer(package("torch", "2.6.0+cu124"))
    yield Example(outcome=Outcome.SKIP, snapshot=world(environment=alone), says="does not apply")
