"""The machines of one run have the same releases of the libraries that talk to each other.

Why: ranks speak NCCL's, Ray's and the engine's own protocols, which change between releases. Ray
refuses ("Version mismatch"), NCCL ends in "remote process exited or there was a network error", or
all stand still. Releases of other libraries only make results differ from rank to rank.

Fix: install from the same lock file, or the same container image, on all machines.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.intent import Intent
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
from firstmile.check.words_to_copy import requirement
from firstmile.check.worlds import machine, world
from firstmile.facts.environment import Environment
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/cuda/communication",
    cause="environment/dependency-library",
    entries=("nccl-cannot-reach-the-other-machine",),
    references=("https://docs.vllm.ai/en/stable/serving/parallelism_scaling.html",),
)
_SPEAK: Final = ("torch", "vllm", "sglang", "ray", "deepspeed", "nvidia-nccl-cu12",
                 "nvidia-nccl-cu13")  # fmt: skip
_COUNT: Final = ("transformers", "accelerate", "peft", "trl", "flash-attn", "tokenizers")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the packages of this machine with those of each other one."""
    if not snapshot.others:
        return does_not_apply("one machine was looked at")
    machines = [snapshot.environment, *snapshot.others]
    pythons = [each.python for each in machines if each is not None and each.python is not None]
    if len(pythons) < 2:
        return not_known("the installed packages of the machines")
    for names, gravest in ((_SPEAK, True), (_COUNT, False)):
        for name in names:
            found = [each.version_of(name) for each in pythons]
            if len(set(found)) <= 1 or found.count(None) == len(found):
                continue
            told = [f"{name} {version or 'is not installed'}" for version in found]
            proof = [seen(f"machine {place}: {said}") for place, said in enumerate(told, 1)]
            wanted = next(version for version in found if version is not None)
            remedy = f"Install {requirement(f'{name}=={wanted}')} on all machines."
            said = f"The machines have different releases of {name}."
            say = failed if gravest else warned
            return say(said, *proof[:8], remedy=remedy)
    versions = {".".join((each.version or "").split(".")[:2]) for each in pythons}
    if len(versions) > 1:
        return warned(
            "The machines have different releases of Python.",
            *(seen(f"machine {n}: Python {each.version}") for n, each in enumerate(pythons, 1)),
            remedy="Run the same Python on all machines: Ray refuses others.",
        )
    return passed(
        f"{len(pythons)} machines have the same releases.",
        *(seen(f"torch {pythons[0].version_of('torch')}"),),
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(**packages: str) -> Environment:
        return machine(packages={name.replace("_", "-"): each for name, each in packages.items()})

    one = of(torch="2.6.0", vllm="0.8.4", transformers="4.51.0")
    yield Example(outcome=Outcome.PASS, snapshot=world(None, one, others=[one]))
    other = of(torch="2.7.0", vllm="0.8.4", transformers="4.51.0")
    yield Example(
        outcome=Outcome.FAIL, snapshot=world(None, one, others=[other]), says="releases of torch"
    )
    less = of(torch="2.6.0", transformers="4.51.0")
    yield Example(outcome=Outcome.FAIL, snapshot=world(None, one, others=[less]))
    light = of(torch="2.6.0", vllm="0.8.4", transformers="4.52.0")
    yield Example(outcome=Outcome.WARN, snapshot=world(None, one, others=[light]))
    elder = replace(one, python=replace(one.python, version="3.10.1") if one.python else None)
    yield Example(outcome=Outcome.WARN, snapshot=world(None, one, others=[elder]), says="Python")
    yield Example(outcome=Outcome.SKIP, snapshot=world(None, one), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(None, None, others=[one]), says="not known")
