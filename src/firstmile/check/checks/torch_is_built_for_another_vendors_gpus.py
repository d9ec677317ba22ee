"""torch is built for the GPUs of the vendor that the machine has.

Why: builds of torch for CUDA see only NVIDIA's GPUs, builds for ROCm only AMD's. The other kind
installs without complaint; torch.cuda.is_available() is then false, and engines say that no
device was found or use the CPU.

Fix: install torch from the index of the right kind, and reinstall what was compiled against it.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.cuda_builds import build_of
from firstmile.check.installed import named, package_of, python_of, unknown_python
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import gpu, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/cuda/device",
    cause="environment/system-architecture",
    entries=("no-gpu-is-visible-to-the-process",),
    references=("https://pytorch.org/get-started/locally/",),
)
_KINDS: Final = {"NVIDIA": "CUDA", "AMD": "ROCm"}
_INDEXES: Final = {"CUDA": "cu126", "ROCm": "rocm6.4"}


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the kind of build with the vendors of the GPUs."""
    if python_of(snapshot) is None or snapshot.environment is None:
        return unknown_python(snapshot)
    torch = package_of(snapshot, "torch")
    if torch is None:
        return does_not_apply("torch is not installed")
    build = build_of(torch)
    if build is None:
        return not_known("what torch was built for")
    if build.kind not in _INDEXES:
        return does_not_apply(f"torch is built for {build}")
    gpus = [each for each in snapshot.environment.gpus if each.vendor in _KINDS]
    if not gpus:
        return does_not_apply("no NVIDIA or AMD GPU was found")
    proof = (seen(f"torch {torch.version} is built for {build}"), seen(named(gpus[0])))
    if any(_KINDS[each.vendor] == build.kind for each in gpus):
        return passed(
            f"The installed torch is built for {build}, and the machine has such a GPU.", *proof
        )
    wanted = _KINDS[gpus[0].vendor]
    return failed(
        f"The installed torch is built for {build}, but the machine has a GPU of {gpus[0].vendor}.",
        *proof,
        remedy="pip install --force-reinstall torch torchvision --index-url "
        f"https://download.pytorch.org/whl/{_INDEXES[wanted]}",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    amd = gpu("AMD Instinct MI300X", 192, "gfx942", vendor="AMD", driver="6.8.5")

    def of(outcome: Outcome, version: str, *gpus: object) -> Example:
        made = computer(package("torch", version), gpus=gpus)
        return Example(outcome=outcome, snapshot=world(environment=made))

    yield of(Outcome.PASS, "2.6.0+cu124", gpu())
    yield of(Outcome.PASS, "2.6.0+rocm6.2.4", amd)
    yield of(Outcome.PASS, "2.6.0+cu124", amd, gpu(index=1))
    yield of(Outcome.FAIL, "2.6.0+rocm6.2.4", gpu())
    yield of(Outcome.FAIL, "2.6.0+cu124", amd)
    yield of(Outcome.SKIP, "2.6.0+cpu", gpu())
    yield of(Outcome.SKIP, "2.6.0+cu124")
