"""A launcher starts no more processes on a machine than GPUs are visible there.

Why: each process takes the GPU of its local rank. The one that finds none ends in "CUDA error:
invalid device ordinal", the others wait for it until they time out, and torchrun ends them all.

Fix: set --nproc_per_node (torchrun) or --num_processes (accelerate, which counts all machines) to
the GPUs that are visible, or make more of them visible.
"""

from collections.abc import Iterator
from typing import Any, Final

from firstmile.check.counting import counted
from firstmile.check.intent import Argument, Intent, Parallel
from firstmile.check.model_sizes import (
    written,
)
from firstmile.check.precision import has_no_gpu
from firstmile.check.ranks import visible_gpus
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, failed, not_known, passed, seen
from firstmile.check.worlds import gpu, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/cuda/device",
    cause="distributed/synchronization",
    entries=("more-processes-than-gpus", "two-ranks-use-the-same-gpu"),
    references=("https://docs.pytorch.org/docs/stable/elastic/run.html",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the processes of this machine with its GPUs."""
    processes = intent.parallel.processes
    if processes is None or processes <= 1:
        return does_not_apply("the command starts no processes of its own")
    if snapshot.environment is not None and not snapshot.environment.gpus and has_no_gpu(snapshot):
        return does_not_apply("the machine has no GPU, so that processes run on the processor")
    gpus = visible_gpus(snapshot, intent)
    if gpus is None:
        return not_known("how many GPUs are visible")
    proof = (seen(f"processes on this machine = {processes}"), seen(f"visible GPUs = {len(gpus)}"))
    if written(intent, "use_cpu", "no_cuda", "cpu") is not None:
        return does_not_apply("the command keeps to the processor")
    if processes > len(gpus):
        fewer = "one process" if len(gpus) <= 1 else counted(len(gpus), "process", "processes")
        return failed(
            f"{counted(processes, 'process wants a GPU', 'processes want a GPU each')}, and "
            f"{len(gpus)} "
            f"{'is' if len(gpus) == 1 else 'are'} visible.",
            *proof,
            remedy=f"Start {fewer}, or make more GPUs visible.",
        )
    if processes < len(gpus):
        return passed(
            f"{counted(processes, 'process leaves', 'processes leave')} "
            f"{counted(len(gpus) - processes, 'GPU')} unused.",
            *proof,
        )
    return passed("Each process has a GPU of its own.", *proof)


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    two = machine(gpus=[gpu(index=n) for n in range(2)])

    def start(processes: int | None, **more: Any) -> Intent:
        return Intent(engine="torchrun", parallel=Parallel(processes=processes), **more)

    yield Example(
        outcome=Outcome.FAIL, snapshot=world(None, two), intent=start(8), says="8 processes"
    )
    yield Example(outcome=Outcome.PASS, snapshot=world(None, two), intent=start(2))
    yield Example(outcome=Outcome.FAIL, snapshot=world(None, two), intent=start(2, devices=(1,)))
    told = machine(gpus=two.gpus, variables={"CUDA_VISIBLE_DEVICES": "0"})
    yield Example(outcome=Outcome.FAIL, snapshot=world(None, told), intent=start(2))
    cpu = Argument(written="--use_cpu", name="use_cpu", value="True")
    yield Example(
        outcome=Outcome.SKIP, snapshot=world(None, two), intent=start(8, arguments=(cpu,))
    )
    yield Example(outcome=Outcome.SKIP, snapshot=world(None, machine()), intent=start(4))
    yield Example(outcome=Outcome.SKIP, snapshot=world(None, two), intent=start(None))
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=start(4), says="not known")
