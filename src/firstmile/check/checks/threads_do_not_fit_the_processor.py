"""Work on the processor has as many threads as there are cores, not one and not many more.

Why: OMP_NUM_THREADS says how many threads torch computes with. 1, which torchrun and many clusters
set, leaves all cores but one idle where a model runs on the processor; more threads than cores
wait for each other.

Fix: set OMP_NUM_THREADS to the cores that the process may use, divided by the processes.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.installed import (
    value_of,
)
from firstmile.check.intent import Action, Intent
from firstmile.check.precision import on_processor
from firstmile.check.training_sizes import processes_here
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, passed, seen, warned
from firstmile.check.worlds import gpu, machine, world
from firstmile.facts.environment import Gpu
from firstmile.facts.snapshot import Snapshot
from firstmile.facts.whole_numbers import whole_number
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="slow/inference",
    cause="configuration/inference",
    entries=("cpu-threads-or-memory-nodes-slow-generation-down",),
    references=(
        "https://docs.pytorch.org/docs/stable/notes/cpu_threading_torchscript_inference.html",
    ),
)
_ENGINES: Final = (None, "transformers", "trl", "torchrun", "accelerate", "vllm")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the threads with the cores."""
    if intent.engine not in _ENGINES:
        return does_not_apply("the engine counts its threads by itself")
    environment = snapshot.environment
    if environment is None:
        return not_known("the variables of the machine")
    said = value_of(snapshot, intent, "OMP_NUM_THREADS")
    threads = whole_number(said or "")
    if threads is None:
        return does_not_apply("OMP_NUM_THREADS is not set")
    cores = environment.processor.usable if environment.processor else None
    if cores is None:
        return not_known("the cores that may be used")
    each = max(cores // processes_here(snapshot, intent), 1)
    proof = (seen(f"OMP_NUM_THREADS={said}"), seen(f"usable cores = {cores}"))
    remedy = f"Set OMP_NUM_THREADS={each}."
    if threads > cores:
        return warned(
            f"{counted(threads, 'thread shares', 'threads share')} {counted(cores, 'core')}.",
            *proof,
            remedy=remedy,
        )
    if threads == 1 and each >= 4 and on_processor(snapshot, intent):
        return warned(
            f"The model computes on the processor with one thread of {counted(cores, 'core')}.",
            *proof,
            remedy=remedy,
        )
    return passed(
        f"{counted(threads, 'thread suits', 'threads suit')} {counted(cores, 'core')}.", *proof
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    run = Intent(action=Action.GENERATE, engine="transformers")

    def there(threads: str, *cards: Gpu) -> Snapshot:
        return world(None, machine(gpus=cards, variables={"OMP_NUM_THREADS": threads}))

    yield Example(outcome=Outcome.WARN, snapshot=there("1"), intent=run, says="one thread")
    yield Example(outcome=Outcome.WARN, snapshot=there("64"), intent=run, says="64 threads")
    yield Example(outcome=Outcome.PASS, snapshot=there("8"), intent=run)
    yield Example(outcome=Outcome.PASS, snapshot=there("1", gpu()), intent=run)
    yield Example(outcome=Outcome.SKIP, snapshot=world(None, machine()), intent=run)
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=run, says="not known")
    yield Example(outcome=Outcome.SKIP, snapshot=there("1"), intent=Intent(engine="ollama"))
