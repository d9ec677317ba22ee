"""The build of torch holds machine code for the compute capability of every NVIDIA GPU.

Why: a wheel of torch holds machine code for a list of GPU generations. A card that is newer than
the list (RTX 50 with a build for CUDA 12.6) or that was dropped from it (GTX 10 with CUDA 12.8)
ends in "no kernel image is available for execution on the device", at the first operation and not
at the import.

Fix: install torch from the index whose CUDA release has the card's generation: cu128 or later for
Blackwell (sm_100, sm_120), cu126 for Maxwell, Pascal and Volta.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.cuda_builds import (
    build_of,
    capability_of,
    is_wheel_of_pytorch,
    newest_major,
    oldest_capability,
)
from firstmile.check.installed import named, package_of, python_of, unknown_python
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.ranks import gpus_of
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import gpu, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/cuda/kernel",
    cause="environment/cuda-version",
    entries=("torch-build-has-no-code-for-this-gpu", "an-extension-has-no-kernel-for-this-gpu"),
    references=(
        "https://github.com/pytorch/pytorch/blob/main/.ci/manywheel/build_cuda.sh",
        "https://github.com/pytorch/pytorch/issues/157517",
    ),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold each GPU's capability against the oldest and the newest of the build."""
    python = python_of(snapshot)
    if python is None or snapshot.environment is None:
        return unknown_python(snapshot)
    torch = package_of(snapshot, "torch")
    build = build_of(torch) if torch is not None else None
    if torch is None or (build is not None and build.kind != "CUDA"):
        return does_not_apply("no torch for CUDA is installed")
    if build is None or build.release is None:
        return not_known("what torch was built for")
    gpus = gpus_of(snapshot, intent, "NVIDIA")
    if not gpus:
        return does_not_apply("no NVIDIA GPU was found")
    if not is_wheel_of_pytorch(torch, python.environment):
        return not_known(f"for which GPUs torch {torch.version} was built: it is no plain wheel")
    system = snapshot.environment.system
    is_common = system is not None and system.machine.lower() in ("x86_64", "amd64")
    oldest = oldest_capability(torch, build.release) if is_common else None
    newest = newest_major(build.release)
    is_built = seen(f"torch {torch.version} is built for {build}")
    judged = 0
    for each in gpus:
        capability = capability_of(each.compute_capability)
        if capability is None:
            continue
        judged += 1
        if newest is not None and capability[0] > newest:
            return failed(
                f"{each.name} (sm_{capability[0]}{capability[1]}) is newer than {build} knows.",
                is_built,
                seen(named(each)),
                remedy="Install a newer build: pip install -U torch torchvision --index-url "
                "https://download.pytorch.org/whl/cu128",
            )
        if oldest is not None and capability < oldest:
            return failed(
                f"{each.name} (sm_{capability[0]}{capability[1]}) was dropped from torch's wheels "
                f"for {build}, which begin at {oldest[0]}.{oldest[1]}.",
                is_built,
                seen(named(each)),
                remedy=_older_build(capability),
            )
    if not judged:
        return not_known("the compute capability of the GPUs")
    return passed(f"The torch for {build} has code for the GPUs.", is_built, seen(named(gpus[0])))


def _older_build(capability: tuple[int, int]) -> str:
    if capability >= (5, 0):
        return (
            "Install the build for CUDA 12.6, which still has it: pip install --force-reinstall "
            "torch torchvision --index-url https://download.pytorch.org/whl/cu126"
        )
    return "Use a torch of its time (2.1 or older, built for CUDA 11.8), or another GPU."


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(
        outcome: Outcome,
        version: str,
        name: str,
        capability: str,
        says: str = "",
        architecture: str = "x86_64",
    ) -> Example:
        made = computer(
            package("torch", version),
            gpus=[gpu(name, capability=capability)],
            architecture=architecture,
        )
        return Example(outcome=outcome, snapshot=world(environment=made), says=says)

    yield of(Outcome.PASS, "2.6.0+cu124", "NVIDIA A100", "8.0")
    yield of(Outcome.PASS, "2.6.0+cu124", "NVIDIA GeForce RTX 4090", "8.9")
    yield of(Outcome.PASS, "2.6.0+cu124", "NVIDIA GeForce GTX 1080 Ti", "6.1")
    yield of(Outcome.PASS, "2.7.1+cu128", "NVIDIA GeForce RTX 5090", "12.0")
    yield of(Outcome.PASS, "2.9.0+cu128", "Tesla V100-SXM2-32GB", "7.0")
    yield of(Outcome.FAIL, "2.6.0+cu126", "NVIDIA GeForce RTX 5090", "12.0", says="newer than")
    yield of(Outcome.FAIL, "2.8.0+cu128", "Tesla P40", "6.1", says="dropped")
    yield of(Outcome.FAIL, "2.7.1+cu128", "Tesla V100-SXM2-32GB", "7.0", says="begin at 7.5")
    yield of(Outcome.FAIL, "2.9.0+cu130", "Tesla V100-SXM2-32GB", "7.0")
    yield of(Outcome.SKIP, "2.6.0+cpu", "NVIDIA A100", "8.0", says="does not apply")
    yield of(Outcome.SKIP, "2.7.0a0+7c8ec84dab.nv25.03", "NVIDIA B200", "10.0")
    yield of(Outcome.PASS, "2.8.0+cu128", "NVIDIA GB10", "12.1", architecture="aarch64")
