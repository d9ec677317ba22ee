"""The memory limit of the container or job holds what the run keeps in main memory.

Why: a container, a pod or a job of Slurm may use only what its control group allows, whatever the
machine has and `free` shows. Beyond that the kernel ends the process at once: "Killed", exit
status 137, OOMKilled in Kubernetes, with no traceback. Files that are mapped count while they are
read in.

Fix: raise the limit (docker run --memory, the pod's limits.memory, sbatch --mem), or let the run
take less.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Action, Intent
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, seen
from firstmile.check.worlds import LLAMA, folder, machine, world
from firstmile.facts.environment import Cgroup
from firstmile.facts.sizes import GIB, shown
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/process-killed",
    cause="hardware/cpu-memory",
    entries=("container-or-job-memory-limit-was-reached",),
    references=("https://docs.docker.com/engine/containers/resource_constraints/",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold what lies in main memory against what the control group leaves."""
    if snapshot.environment is None:
        return not_known("the machine")
    group = snapshot.environment.cgroup
    if group is None or group.memory_limit_bytes is None:
        return does_not_apply("no control group limits memory")
    from firstmile.check.memory.telling import hold, in_main_memory, proof, sized

    found = sized(snapshot, intent)
    if isinstance(found, Verdict):
        return found
    place = in_main_memory(found)
    if isinstance(place, Verdict):
        return place
    left = max(group.memory_limit_bytes - (group.memory_used_bytes or 0), 0)
    wanted = shown(place.needed.high + (group.memory_used_bytes or 0))
    return hold(
        "The run takes",
        place.needed,
        float(left),
        "what the container may still use",
        *proof(place)[:1],
        seen(f"memory limit of the control group: {shown(group.memory_limit_bytes)}"),
        remedy=f"Raise the limit to {wanted}, or take a smaller or a quantized model.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    model = folder(config=LLAMA)
    run = Intent(action=Action.GENERATE, engine="transformers", dtype="bfloat16")

    def within(gib: float | None) -> Cgroup:
        return Cgroup(
            version=2,
            memory_limit_bytes=None if gib is None else int(gib * GIB),
            memory_used_bytes=int(0.2 * GIB),
            swap_limit_bytes=None,
            cpus=None,
            pids_limit=None,
            oom_kills=0,
        )

    yield Example(
        outcome=Outcome.FAIL, snapshot=world(model, machine(cgroup=within(8))), intent=run
    )
    yield Example(
        outcome=Outcome.PASS, snapshot=world(model, machine(cgroup=within(32))), intent=run
    )
    free = world(model, machine(cgroup=within(None)))
    yield Example(outcome=Outcome.SKIP, snapshot=free, intent=run, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(model), intent=run, says="not known")
