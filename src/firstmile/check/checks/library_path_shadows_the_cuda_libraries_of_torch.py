"""LD_LIBRARY_PATH brings no CUDA library of an older release than torch was built for.

Why: folders of LD_LIBRARY_PATH are searched before those in which torch's own NVIDIA packages lie.
An older libnvJitLink, cuBLAS or cuDNN there is taken instead: "undefined symbol:
__nvJitLinkComplete_12_4", "version libcublasLt.so.12 not defined", or cuDNN errors in the middle of
a run.

Fix: unset LD_LIBRARY_PATH, or take CUDA's folder out of it: wheels of torch need none.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.cuda_builds import build_of
from firstmile.check.installed import installed, python_of, unknown_python
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
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
from firstmile.check.words_to_copy import text_word
from firstmile.check.worlds import world
from firstmile.facts.environment import SharedLibrary
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/import-error",
    cause="environment/cuda-version",
    entries=(
        "nvjitlink-of-another-cuda-release-is-loaded",
        "cudnn-does-not-fit-torch-or-cannot-start",
    ),
    references=("https://github.com/pytorch/pytorch/issues/111469",),
)
_OF_THE_TOOLKIT: Final = ("libnvJitLink", "libcudart", "libnvrtc")
"""Libraries whose number is that of the CUDA release; cuBLAS and others count on their own."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the release of each such library with the one that torch was built for."""
    environment = snapshot.environment
    python = python_of(snapshot)
    if python is None or environment is None:
        return unknown_python(snapshot)
    torch = python.package("torch")
    build = build_of(torch) if torch is not None else None
    if torch is None or build is None or build.kind != "CUDA":
        return does_not_apply("no torch for CUDA is installed")
    if not environment.libraries:
        return does_not_apply("LD_LIBRARY_PATH brings no library of CUDA")
    wanted = release_of(build.release or "")
    if wanted is None:
        return not_known("which CUDA torch was built for")
    older_ones = [
        each
        for each in environment.libraries
        if each.name in _OF_THE_TOOLKIT
        and "." in each.version
        and (there := release_of(each.version)) is not None
        and there[0] == wanted[0]
        and there < wanted
    ]
    is_built = seen(f"torch {torch.version} is built for {build}")
    if older_ones:
        first = next((each for each in older_ones if each.name == "libnvJitLink"), older_ones[0])
        return warned(
            f"LD_LIBRARY_PATH brings {first.name} {first.version}, older than torch's {build}.",
            is_built,
            *(seen(f"{each.name} {each.version} in {each.folder}") for each in older_ones),
            remedy=f"unset LD_LIBRARY_PATH, or take {text_word(first.folder)} out of it.",
        )
    return passed("LD_LIBRARY_PATH brings no older library of CUDA.", is_built, installed(torch))


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, name: str, version: str, torch: str = "2.6.0+cu124") -> Example:
        found = SharedLibrary(name=name, version=version, folder="/usr/local/cuda/lib64")
        made = computer(package("torch", torch), libraries=[found] if name else [])
        return Example(outcome=outcome, snapshot=world(environment=made))

    yield of(Outcome.PASS, "libnvJitLink", "12.4.127")
    yield of(Outcome.PASS, "libnvJitLink", "12.6.85")
    yield of(Outcome.PASS, "libcudart", "11.8.89")
    yield of(Outcome.PASS, "libcublas", "12.1.3.1")
    yield of(Outcome.WARN, "libnvJitLink", "12.1.105")
    yield of(Outcome.WARN, "libcudart", "12.1.105")
    yield of(Outcome.SKIP, "libnvJitLink", "12.1.105", "2.6.0+cpu")
    yield of(Outcome.SKIP, "", "")
