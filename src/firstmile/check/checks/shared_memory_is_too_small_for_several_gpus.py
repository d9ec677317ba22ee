"""Ranks of one machine have room in shared memory for what they exchange.

Why: ranks that share a machine exchange data through /dev/shm. Docker gives a container 64 MiB of
it, unless told otherwise: NCCL ends in "Error while creating shared memory segment", or a process
dies with "Bus error". vLLM alone lays out some hundred MiB for its ranks to talk.

Fix: start the container with --shm-size=16g or --ipc=host (in Kubernetes, an emptyDir of medium
Memory at /dev/shm).
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Intent, Parallel
from firstmile.check.machine_worlds import room
from firstmile.check.ranks import devices_here
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
from firstmile.check.worlds import machine, world
from firstmile.facts.sizes import GIB
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/cuda/communication",
    cause="distributed/communication",
    entries=("shared-memory-of-the-container-is-too-small-for-nccl",),
    references=(
        "https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/troubleshooting.html",
        "https://docs.vllm.ai/en/stable/deployment/docker.html",
    ),
)
_OF_DOCKER: Final = 64 * 1024**2
_ENOUGH: Final = GIB


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the size of shared memory against what several ranks need."""
    if devices_here(intent) <= 1:
        return does_not_apply("one rank runs on the machine")
    environment = snapshot.environment
    shared = environment.folder("shared memory") if environment else None
    if shared is None:
        return not_known("the size of /dev/shm")
    mib = shared.total_bytes // 1024**2
    proof = (
        seen(f"shared memory holds {mib:,} MiB, {shared.free_bytes // 1024**2:,} MiB of it free"),
        seen(f"ranks on this machine = {devices_here(intent)}"),
    )
    remedy = "Start the container with --shm-size=16g, or with --ipc=host."
    if shared.total_bytes <= _OF_DOCKER:
        return failed(
            f"Shared memory of {mib} MiB, which Docker gives unless told, is too small for "
            f"{devices_here(intent)} ranks.",
            *proof,
            remedy=remedy,
        )
    if min(shared.total_bytes, shared.free_bytes) < _ENOUGH:
        return warned("Shared memory is scarce for several ranks.", *proof, remedy=remedy)
    return passed("Shared memory is large enough.", *proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def there(gib: float, free: float | None = None) -> Snapshot:
        shared = room("shared memory", total_gib=gib, free_gib=gib if free is None else free)
        return world(None, machine(container="docker", folders=[shared]))

    two = Intent(engine="vllm", parallel=Parallel(tensor=2))
    yield Example(outcome=Outcome.FAIL, snapshot=there(0.0625), intent=two, says="64 MiB")
    yield Example(outcome=Outcome.WARN, snapshot=there(0.5), intent=two)
    yield Example(outcome=Outcome.WARN, snapshot=there(16, 0.1), intent=two, says="scarce")
    yield Example(outcome=Outcome.PASS, snapshot=there(16), intent=two)
    spread = Intent(engine="vllm", parallel=Parallel(tensor=2, nodes=2))
    yield Example(outcome=Outcome.SKIP, snapshot=there(0.0625), intent=spread)
    yield Example(outcome=Outcome.SKIP, snapshot=there(0.0625), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=two, says="not known")
