"""A machine with an NVIDIA or AMD GPU has a torch that can use it.

Why: plain "pip install torch" brings the CPU build under Windows, on ARM with older releases and
from some mirrors, and a requirement of another package may replace a GPU build by it. Everything
then runs on the CPU, a hundred times slower, or ends in "Torch not compiled with CUDA enabled".

Fix: uninstall torch and install it again from the index of a CUDA or ROCm release; afterwards
torch.cuda.is_available() is true.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.cuda_builds import build_of
from firstmile.check.installed import (
    named,
    not_python,
    package_of,
    python_of,
    runs_python,
    unknown_python,
)
from firstmile.check.intent import Intent
from firstmile.check.machine_worlds import computer, package
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
    symptom="crash/cuda/other",
    cause="environment/cuda-version",
    entries=("torch-was-installed-without-cuda",),
    references=("https://pytorch.org/get-started/locally/",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for a GPU that a CPU build of torch leaves alone."""
    if not runs_python(intent):
        return not_python()
    if python_of(snapshot) is None or snapshot.environment is None:
        return unknown_python(snapshot)
    torch = package_of(snapshot, "torch")
    if torch is None:
        return does_not_apply("torch is not installed")
    found = [each for each in snapshot.environment.gpus if each.vendor in ("NVIDIA", "AMD")]
    if not found:
        return does_not_apply("no NVIDIA or AMD GPU was found")
    build = build_of(torch)
    if build is None:
        return not_known("what torch was built for")
    proof = (seen(f"torch {torch.version} is built for {build}"), seen(named(found[0])))
    if build.kind != "CPU":
        return passed(f"The installed torch is built for {build}.", *proof)
    index = "cu126" if found[0].vendor == "NVIDIA" else "rocm6.4"
    say = failed if intent.devices != () and not _asks_for_the_cpu(intent) else warned
    return say(
        f"The torch {torch.version} is a build for the CPU and leaves {found[0].name} alone.",
        *proof,
        remedy="pip uninstall -y torch torchvision torchaudio, then pip install torch "
        f"torchvision --index-url https://download.pytorch.org/whl/{index}",
    )


def _asks_for_the_cpu(intent: Intent) -> bool:
    return intent.device_map == "cpu" or intent.action is None


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    from firstmile.check.intent import Action

    serve = Intent(action=Action.SERVE, engine="vllm")
    cpu = world(environment=computer(package("torch", "2.6.0+cpu"), gpus=[gpu()]))
    cuda = world(environment=computer(package("torch", "2.6.0+cu124"), gpus=[gpu()]))
    alone = world(environment=computer(package("torch", "2.6.0+cpu")))
    yield Example(outcome=Outcome.FAIL, snapshot=cpu, intent=serve, says="leaves")
    yield Example(outcome=Outcome.WARN, snapshot=cpu)
    yield Example(outcome=Outcome.WARN, snapshot=cpu, intent=Intent(device_map="cpu"))
    yield Example(outcome=Outcome.PASS, snapshot=cuda, intent=serve)
    yield Example(outcome=Outcome.SKIP, snapshot=alone, says="does not apply")
    llama = Intent(engine="llama.cpp")
    yield Example(outcome=Outcome.SKIP, snapshot=cpu, intent=llama, says="does not apply")
