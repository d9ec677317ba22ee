"""Shared memory is large enough for data workers and for GPUs that talk to each other.

Why: Docker gives a container 64 MiB of /dev/shm. Data workers pass batches through it ("Unexpected
bus error encountered in worker. This might be caused by insufficient shared memory"), NCCL and
the engines' message queues as well: tensor parallelism ends in "Error while creating shared memory
segment ... No space left on device".

Fix: docker run --shm-size=16g, or --ipc=host; in Kubernetes a volume emptyDir with medium Memory
at /dev/shm; data workers alone: --dataloader_num_workers 0.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.container import is_composed
from firstmile.check.counting import counted
from firstmile.check.intent import Action, Container, Intent, Parallel, Training
from firstmile.check.machine_worlds import room
from firstmile.check.training_sizes import processes_here
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
    cause="configuration/inference",
    entries=(
        "shared-memory-of-the-container-is-too-small-for-nccl",
        "data-workers-die-of-bus-errors-in-shared-memory",
    ),
    references=(
        "https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/troubleshooting.html#shared-memory",
        "https://docs.vllm.ai/en/latest/deployment/docker.html",
    ),
)
_TOO_SMALL: Final = 128 * 1024**2
"""Docker's 64 MiB and what is near it: NCCL takes some ten MiB for each pair of GPUs."""
_SMALL: Final = 2 * GIB
_OF_DOCKER: Final = 64 * 1024**2
"""What a container gets of Docker unless the command says otherwise."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold the size of /dev/shm against what uses it."""
    spread = max(intent.parallel.tensor or 1, intent.parallel.pipeline or 1) > 1
    ranks = processes_here(snapshot, intent) > 1
    workers = (intent.training.workers or 0) if intent.training is not None else 0
    if not (spread or ranks or workers):
        return does_not_apply("neither several GPUs nor data workers are used")
    sizes = _sizes(snapshot, intent)
    if sizes is None:
        return not_known("the size of /dev/shm")
    total, free = sizes
    why = (
        "GPUs talk through it"
        if spread or ranks
        else f"{counted(workers, 'data worker uses', 'data workers use')} it"
    )
    proof = (seen(f"shared memory: {total / 1024**2:,.0f} MiB"), seen(why))
    remedy = "docker run --shm-size=16g, or --ipc=host."
    if is_composed(intent):
        remedy = "Give the service shm_size: 16gb, or ipc: host."
    if total <= _TOO_SMALL:
        say = failed if spread or ranks else warned
        return say(
            f"Shared memory has only {total / 1024**2:,.0f} MiB, and {why}.",
            *proof,
            remedy=remedy,
        )
    if free < _SMALL:
        return warned(
            f"Of shared memory {free / 1024**2:,.0f} MiB are free, and {why}.",
            *proof,
            remedy=remedy,
        )
    return passed("Shared memory is large enough.", *proof)


def _sizes(snapshot: Snapshot, intent: Intent) -> tuple[int, int] | None:
    """Return the bytes of /dev/shm, all and free: of the container that the command starts."""
    container = intent.container
    if container is not None and not container.host_ipc:
        size = container.shared_memory_bytes or _OF_DOCKER
        return size, size
    environment = snapshot.environment
    shared = environment.folder("shared memory") if environment is not None else None
    return None if shared is None else (shared.total_bytes, shared.free_bytes)


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    tensor = Intent(action=Action.SERVE, engine="vllm", parallel=Parallel(tensor=2))
    workers = Intent(action=Action.FINE_TUNE, training=Training(workers=4))

    def of(outcome: Outcome, gib: float, intent: Intent = tensor) -> Example:
        made = machine(folders=[room("shared memory", free_gib=gib, total_gib=gib)])
        return Example(outcome=outcome, snapshot=world(environment=made), intent=intent)

    yield of(Outcome.PASS, 16)
    yield of(Outcome.FAIL, 0.0625)
    yield of(Outcome.WARN, 0.0625, workers)
    yield of(Outcome.WARN, 1)
    yield of(Outcome.SKIP, 0.0625, Intent(engine="vllm"))
    for outcome, inside in (
        (Outcome.FAIL, Container(image="vllm/vllm-openai")),
        (Outcome.PASS, Container(image="vllm/vllm-openai", host_ipc=True)),
        (Outcome.PASS, Container(image="vllm/vllm-openai", shared_memory_bytes=16 * GIB)),
    ):
        yield of(outcome, 64, replace(tensor, container=inside))
    yield Example(outcome=Outcome.SKIP, snapshot=world(environment=machine()), intent=tensor)
