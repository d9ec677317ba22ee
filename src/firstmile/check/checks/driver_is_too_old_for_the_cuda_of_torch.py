"""The NVIDIA driver is new enough for the CUDA release that torch was built for.

Why: a driver runs programs of its own CUDA release, of all older ones, and, with limits, of newer
ones of the same major release. Below the oldest driver of that major release torch does not see
a GPU at all: "The NVIDIA driver on your system is too old (found version 11040)", as an error or
as a warning after which everything runs on the CPU. Within the major release a driver that is
older than the build works, but kernels that are compiled on the spot may be refused ("the
provided PTX was compiled with an unsupported toolchain").

Fix: renew the driver, or install a torch whose build is for a CUDA release that the driver runs.
In a container it is the host's driver that counts.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.cuda_builds import OLDEST_DRIVERS, build_of
from firstmile.check.installed import package_of, python_of, unknown_python
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.releases import older, release_of
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
from firstmile.check.worlds import gpu, world
from firstmile.facts.environment import Cuda
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/cuda/other",
    cause="environment/cuda-version",
    entries=("nvidia-driver-is-too-old-for-this-cuda-build",),
    references=(
        "https://docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html",
        "https://docs.nvidia.com/cuda/cuda-toolkit-release-notes/index.html",
    ),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the driver with the oldest one of torch's major CUDA, then with its release."""
    if python_of(snapshot) is None or snapshot.environment is None:
        return unknown_python(snapshot)
    torch = package_of(snapshot, "torch")
    if torch is None:
        return does_not_apply("torch is not installed")
    build = build_of(torch)
    if build is None or (build.kind == "CUDA" and build.release is None):
        return not_known("what torch was built for")
    if build.kind != "CUDA" or build.release is None:
        return does_not_apply(f"torch is built for {build}")
    cuda = snapshot.environment.cuda
    if cuda is None or cuda.driver is None:
        return not_known("the NVIDIA driver")
    release = release_of(build.release)
    oldest = OLDEST_DRIVERS.get(release[0]) if release else None
    if oldest is None:
        return not_known(f"which driver {build} needs")
    system = snapshot.environment.system
    wanted = oldest[1] if system is not None and system.name == "Windows" else oldest[0]
    proof = (
        seen(f"torch {torch.version} is built for {build}"),
        seen(f"NVIDIA driver {cuda.driver}"),
    )
    # NVIDIA's package for forward compatibility lets an older driver run a newer major release;
    # what the driver then says that it supports is that release.
    supported = cuda.driver_supports is not None and not older(cuda.driver_supports, build.release)
    if older(cuda.driver, wanted) and not supported:
        return failed(
            f"The driver {cuda.driver} is too old for {build}, which needs {wanted} or later.",
            *proof,
            remedy=f"Install a driver of {wanted} or later, or a torch that this driver can run: "
            + _older_build(cuda.driver),
        )
    if cuda.driver_supports is not None and older(cuda.driver_supports, build.release):
        return warned(
            f"The driver runs CUDA {cuda.driver_supports}; torch is built for {build}, "
            "so that kernels compiled on the spot may be refused.",
            *proof,
            seen(f"the driver supports CUDA {cuda.driver_supports}"),
            remedy=f'Should it end with "unsupported toolchain": a driver of CUDA {build.release}'
            f", or a torch for CUDA {cuda.driver_supports} or older.",
        )
    return passed(f"The driver {cuda.driver} runs {build}.", *proof)


def _older_build(driver: str) -> str:
    for major, index in ((12, "cu126"), (11, "cu118")):
        if older(driver, OLDEST_DRIVERS[major][0]) is False:
            return (
                "pip install --force-reinstall torch --index-url "
                f"https://download.pytorch.org/whl/{index}"
            )
    return "none that is still made runs with it."


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(
        outcome: Outcome,
        driver: str,
        supports: str | None,
        version: str,
        *,
        says: str = "",
        system: str = "Linux",
    ) -> Example:
        made = computer(
            package("torch", version),
            gpus=[gpu(driver=driver)],
            system=system,
            cuda=Cuda(driver=driver, driver_supports=supports, toolkit=None, toolkit_path=None),
        )
        return Example(outcome=outcome, snapshot=world(environment=made), says=says)

    yield of(Outcome.PASS, "550.54.15", "12.4", "2.6.0+cu124")
    yield of(Outcome.PASS, "525.60.13", None, "2.6.0+cu124")
    yield of(Outcome.PASS, "535.104.05", "13.0", "2.9.0+cu130")
    yield of(Outcome.WARN, "470.82.01", "11.4", "2.6.0+cu118", says="CUDA 11.4")
    yield of(Outcome.FAIL, "470.82.01", "11.4", "2.6.0+cu124", says="525.60.13 or later")
    yield of(Outcome.FAIL, "570.86.10", "12.8", "2.9.0+cu130", says="580.65.06 or later")
    yield of(Outcome.FAIL, "527.41", "12.0", "2.6.0+cu124", system="Windows")
    yield of(Outcome.SKIP, "550.54.15", "12.4", "2.6.0+cpu", says="does not apply")
    no_driver = computer(package("torch", "2.6.0+cu124"))
    yield Example(outcome=Outcome.SKIP, snapshot=world(environment=no_driver), says="not known")
