"""The ROCm build of torch holds machine code for every AMD GPU.

Why: ROCm wheels hold code for a list of devices by their gfx number. A card that is not in it
ends in "HIP error: invalid device function" or in a crash at the first kernel, though ROCm itself
sees it.

Fix: cards of RDNA 2 run the code of gfx1030 when HSA_OVERRIDE_GFX_VERSION=10.3.0 is set; for
others take AMD's own wheels for the family, or llama.cpp with Vulkan.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.cuda_builds import ROCM_DEVICES, ROCM_STAND_INS, build_of
from firstmile.check.installed import (
    named,
    package_of,
    python_of,
    unknown_python,
    value_of,
)
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
from firstmile.check.ranks import gpus_of
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
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/cuda/kernel",
    cause="environment/system-architecture",
    entries=("rocm-build-has-no-code-for-this-amd-gpu",),
    references=(
        "https://github.com/pytorch/pytorch/blob/main/.ci/docker/manywheel/build.sh",
        "https://rocm.docs.amd.com/projects/install-on-linux/en/latest/reference/system-requirements.html",
    ),
)
_VARIABLE: Final = "HSA_OVERRIDE_GFX_VERSION"


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look each device up in the list of the wheels."""
    if python_of(snapshot) is None or snapshot.environment is None:
        return unknown_python(snapshot)
    torch = package_of(snapshot, "torch")
    build = build_of(torch) if torch is not None else None
    if torch is None or build is None or build.kind != "ROCm":
        return does_not_apply("no torch for ROCm is installed")
    gpus = gpus_of(snapshot, intent, "AMD")
    if not gpus:
        return does_not_apply("no AMD GPU was found")
    devices = {
        each: (each.compute_capability or "").partition(":")[0].lower()
        for each in gpus
        if (each.compute_capability or "").startswith("gfx")
    }
    if not devices:
        return not_known("the gfx number of the AMD GPU")
    is_built = seen(f"torch {torch.version} is built for {build}")
    for each, device in devices.items():
        if device in ROCM_DEVICES:
            continue
        stand_in = ROCM_STAND_INS.get(device)
        override = value_of(snapshot, intent, _VARIABLE)
        proof = (is_built, seen(named(each)))
        if override:
            return warned(
                f"No wheel of torch has code for {device}; it runs as {override} instead.",
                *proof,
                seen(f"{_VARIABLE} = {override}"),
                remedy="Compare a few results with the CPU's before you rely on them.",
            )
        return failed(
            f"No ROCm wheel of torch has code for {device} ({each.name}).",
            *proof,
            remedy=f"Set {_VARIABLE}={stand_in}."
            if stand_in
            else "Use AMD's wheels for this family of devices, or llama.cpp built for Vulkan.",
        )
    return passed("ROCm wheels of torch have code for the GPUs.", is_built, seen(named(gpus[0])))


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, device: str, **variables: str) -> Example:
        made = computer(
            package("torch", "2.6.0+rocm6.2.4"),
            gpus=[gpu("AMD Radeon", 16, device, vendor="AMD", driver="6.8.5")],
        )
        return Example(
            outcome=outcome, snapshot=world(environment=made), intent=Intent(variables=variables)
        )

    yield of(Outcome.PASS, "gfx942")
    yield of(Outcome.PASS, "gfx90a:sramecc+:xnack-")
    yield of(Outcome.FAIL, "gfx1032")
    yield of(Outcome.FAIL, "gfx803")
    yield of(Outcome.WARN, "gfx1032", HSA_OVERRIDE_GFX_VERSION="10.3.0")
    yield of(Outcome.SKIP, "")
