"""The NVIDIA libraries that lie beside torch are of the CUDA release that it was built for.

Why: torch loads cuBLAS, cuDNN, NCCL and others from packages named nvidia-...-cu12. Where those of
another release are installed as well, or were moved to other versions than torch asks for, the
wrong ones may be loaded: "undefined symbol", CUBLAS_STATUS_NOT_INITIALIZED, or
"Could not load library libcudnn". Sets of two major releases side by side only waste space, until
a package of one overwrites files of the other.

Fix: install the versions that torch asks for, best by installing torch again with its
requirements; uninstall the set that no torch uses.
"""

import re
from collections.abc import Iterator
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.cuda_builds import build_of
from firstmile.check.installed import package_of, python_of, unknown_python
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.releases import fulfils, read_requirement, release_of
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import (
    Verdict,
    does_not_apply,
    failed,
    passed,
    seen,
    warned,
)
from firstmile.check.worlds import world
from firstmile.facts.environment import Environment, Package
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/cuda/cublas",
    cause="environment/cuda-version",
    entries=(
        "cublas-libraries-of-two-releases-are-mixed",
        "cudnn-does-not-fit-torch-or-cannot-start",
        "nvjitlink-of-another-cuda-release-is-loaded",
    ),
    references=(
        "https://docs.nvidia.com/cuda/cuda-installation-guide-linux/index.html",
        "https://docs.nvidia.com/deeplearning/cudnn/latest/developer/forward-compatibility.html",
    ),
)
_ENDING: Final = re.compile(r"nvidia-[a-z0-9-]+-cu(\d{2})")
_KEPT_COMPATIBLE: Final = ("cudnn", "nccl")
_BOUND_TO_THEIR_RELEASE: Final = ("cublas", "cusparse", "cusolver", "nvjitlink", "cudnn", "nccl")
"""Libraries of which another version breaks loading or results; the others only vary in speed."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare NVIDIA's packages with what torch requires, then their major releases."""
    python = python_of(snapshot)
    environment = snapshot.environment
    if python is None or environment is None:
        return unknown_python(snapshot)
    torch = package_of(snapshot, "torch")
    build = build_of(torch) if torch is not None else None
    libraries = [each for each in python.packages if each.name.startswith("nvidia-")]
    if torch is None or build is None or build.kind != "CUDA" or not libraries:
        return does_not_apply("no torch with NVIDIA's libraries beside it is installed")
    is_built = seen(f"torch {torch.version} is built for {build}")
    moved = list(_moved(torch, environment))
    if moved:
        names = ", ".join(f"{each.name} {each.version}" for each, _ in moved[:4])
        text = (
            f"The torch {torch.version} asks for other versions of NVIDIA's libraries than {names}."
        )
        wanted = " ".join(f'"{each.name}{versions}"' for each, versions in moved[:6])
        say = failed if any(_is_bound(each) for each, _ in moved) else warned
        return say(
            text,
            is_built,
            *(
                seen(f"{each.name} {each.version}, asked for: {versions}")
                for each, versions in moved[:6]
            ),
            remedy=f"pip install {wanted}",
        )
    release = release_of(build.release or "")
    others = [each for each in libraries if release and _major(each) not in (None, release[0])]
    if others:
        names = " ".join(each.name for each in others)
        return warned(
            f"Beside the libraries of CUDA {release[0] if release else ''} lie "
            f"{counted(len(others), 'package')} of CUDA {_major(others[0])}.",
            is_built,
            *(seen(f"{each.name} {each.version}") for each in others[:6]),
            remedy=f"If nothing else uses them: pip uninstall -y {names}",
        )
    return passed(f"NVIDIA's libraries are those of {build}.", is_built)


def _moved(torch: Package, environment: Environment) -> Iterator[tuple[Package, str]]:
    """Yield NVIDIA's packages whose version is not the one that torch asks for."""
    python = environment.python
    for text in torch.requires:
        wanted = read_requirement(text, python, environment.system)
        if wanted is None or not wanted.name.startswith("nvidia-") or python is None:
            continue
        there = python.package(wanted.name)
        if there is None or fulfils(there.version, wanted.versions) is not False:
            continue
        if not _goes_as_well(there, wanted.versions):
            yield there, wanted.versions


def _goes_as_well(there: Package, wanted: str) -> bool:
    """Say whether another version than the one asked for is compatible with it.

    That is each of the same major and minor release; of cuDNN (its page on compatibility) and
    NCCL each later one of the same major release too.
    """
    mine, asked = release_of(there.version), release_of(wanted.removeprefix("=="))
    if mine is None or asked is None:
        return False
    is_kept = any(name in there.name for name in _KEPT_COMPATIBLE)
    return mine == asked or (is_kept and mine[0] == asked[0] and mine > asked)


def _is_bound(library: Package) -> bool:
    return any(each in library.name for each in _BOUND_TO_THEIR_RELEASE)


def _major(library: Package) -> int | None:
    found = _ENDING.fullmatch(library.name)
    return int(found[1]) if found else None


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    torch = package(
        "torch",
        "2.6.0+cu124",
        'nvidia-cublas-cu12==12.4.5.8; platform_system == "Linux" and platform_machine == "x86_64"',
        'nvidia-nvtx-cu12==12.4.127; platform_system == "Linux"',
    )
    right = package("nvidia-cublas-cu12", "12.4.5.8")
    wrong = package("nvidia-cublas-cu12", "12.1.3.1")

    def of(outcome: Outcome, *packages: Package, says: str = "") -> Example:
        made = computer(*packages)
        return Example(outcome=outcome, snapshot=world(environment=made), says=says)

    yield of(Outcome.PASS, torch, right)
    yield of(Outcome.FAIL, torch, wrong, says="nvidia-cublas-cu12 12.1.3.1")
    newer = package(
        "torch", "2.6.0+cu124", "nvidia-cudnn-cu12==9.1.0.70", "nvidia-nccl-cu12==2.21.5"
    )
    for outcome, cudnn, nccl in (
        (Outcome.PASS, "9.1.1.17", "2.21.5"),
        (Outcome.PASS, "9.10.2.21", "2.27.3"),
        (Outcome.FAIL, "8.9.7.29", "2.21.5"),
        (Outcome.FAIL, "9.1.0.70", "2.18.1"),
    ):
        beside = package("nvidia-cudnn-cu12", cudnn), package("nvidia-nccl-cu12", nccl)
        yield of(outcome, newer, *beside)
    yield of(Outcome.PASS, torch, package("nvidia-cublas-cu12", "12.4.2.65"))
    yield of(Outcome.WARN, torch, right, package("nvidia-nvtx-cu12", "12.1.105"))
    yield of(Outcome.WARN, torch, right, package("nvidia-cudnn-cu11", "8.9.6.50"), says="CUDA 11")
    yield of(Outcome.SKIP, package("torch", "2.6.0+cpu"), right)
    yield of(Outcome.SKIP, torch)
