"""bitsandbytes brings a compiled library for the CUDA release of this torch.

Why: its wheel holds one library for each CUDA release that it was built for and loads the one of
torch's. Where that is missing it says "Configured CUDA binary not found at" with a file name,
and every 4-bit or 8-bit layer fails. From 0.50 on a neighbor of the same major release will do.

Fix: upgrade bitsandbytes; or, for a library that is there, set BNB_CUDA_VERSION to it.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.cuda_builds import build_of
from firstmile.check.installed import (
    installed,
    python_of,
    unknown_python,
    value_of,
)
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.ranks import gpus_of
from firstmile.check.releases import older, release_of
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import gpu, world
from firstmile.facts.environment import BuiltFor
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/cuda/kernel",
    cause="environment/dependency-library",
    entries=("bitsandbytes-has-no-library-for-this-cuda",),
    references=(
        "https://github.com/bitsandbytes-foundation/bitsandbytes/blob/main/bitsandbytes/cextension.py",
        "https://huggingface.co/docs/bitsandbytes/installation",
    ),
)
_LEAST_WITH_NEIGHBORS: Final = "0.50.0"


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for torch's CUDA among the libraries that the package holds."""
    python = python_of(snapshot)
    if python is None or snapshot.environment is None:
        return unknown_python(snapshot)
    torch, mine = python.package("torch"), python.package("bitsandbytes")
    build = build_of(torch) if torch is not None else None
    if torch is None or mine is None or build is None or build.kind != "CUDA":
        return does_not_apply("no bitsandbytes beside a torch for CUDA is installed")
    if not gpus_of(snapshot, intent, "NVIDIA"):
        return does_not_apply("no NVIDIA GPU was found")
    override = value_of(snapshot, intent, "BNB_CUDA_VERSION")
    wanted = f"{override[:2]}.{override[2:]}" if override else build.release
    there = mine.built.cuda if mine.built is not None else ()
    if not there or wanted is None:
        return not_known("for which CUDA releases bitsandbytes holds libraries")
    proof = (
        installed(mine),
        seen(f"its libraries are for CUDA {', '.join(there)}"),
        seen(f"torch {torch.version} is built for {build}"),
    )
    same_major = [each for each in there if release_of(each, 1) == release_of(wanted, 1)]
    by_neighbor = not override and older(mine.version, _LEAST_WITH_NEIGHBORS) is False
    if wanted in there or (by_neighbor and same_major):
        return passed(f"The installed bitsandbytes has a library for CUDA {wanted}.", *proof)
    digits = same_major[-1].replace(".", "") if same_major else ""
    return failed(
        f"The installed bitsandbytes {mine.version} has no library for CUDA {wanted}.",
        *proof,
        remedy="pip install -U bitsandbytes"
        + (f", or BNB_CUDA_VERSION={digits}" if digits else ""),
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, version: str, torch: str, *releases: str, **variables: str) -> Example:
        made = computer(
            package("torch", torch),
            package("bitsandbytes", version, built=BuiltFor(cuda=releases)),
            gpus=[gpu()],
        )
        return Example(
            outcome=outcome, snapshot=world(environment=made), intent=Intent(variables=variables)
        )

    yield of(Outcome.PASS, "0.45.0", "2.6.0+cu124", "11.8", "12.1", "12.4")
    yield of(Outcome.FAIL, "0.45.0", "2.7.0+cu128", "11.8", "12.1", "12.4")
    yield of(Outcome.PASS, "0.45.0", "2.7.0+cu128", "12.4", BNB_CUDA_VERSION="124")
    yield of(Outcome.PASS, "0.50.0", "2.9.0+cu128", "12.6", "13.0")
    yield of(Outcome.FAIL, "0.48.0", "2.9.0+cu130", "12.6", "12.8")
    yield of(Outcome.SKIP, "0.45.0", "2.6.0+cpu", "12.4")
    yield of(Outcome.SKIP, "0.45.0", "2.6.0+cu124")
