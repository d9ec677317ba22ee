"""An engine that computes on the processor gets as many threads as there are cores, or fewer.

Why: threads beyond the cores wait for one another at each step, and tokens come slower than with
half of them. The number of CUDA cores of a GPU has nothing to do with it: -t counts threads of the
processor, and -ngl puts layers on the GPU.

Fix: -t with the number of physical cores, or without it; -ngl 99 for the GPU.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.counting import counted
from firstmile.check.intent import Action, Argument, Intent
from firstmile.check.training_sizes import settings_of
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, passed, seen, warned
from firstmile.check.worlds import machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="slow/inference",
    cause="api/call-parameter",
    stage="inference",
    entries=("cpu-threads-or-memory-nodes-slow-generation-down",),
    references=("https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md",),
)
_NAMES: Final = ("threads", "threads_batch")


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Compare the threads of the command with the cores that it may use."""
    if intent.engine != "llama.cpp":
        return does_not_apply("the engine is not llama.cpp")
    get = settings_of(intent)
    asked = [(name, count) for name in _NAMES if (count := get.whole(name)) and count > 0]
    if not asked:
        return does_not_apply("the command names no number of threads")
    environment = snapshot.environment
    cores = environment.processor.usable if environment and environment.processor else None
    if cores is None:
        return not_known("the cores that may be used")
    name, count = max(asked, key=lambda one: one[1])
    proof = (seen(f"{name} = {count:,}"), seen(f"usable cores = {cores:,}"))
    if count <= cores:
        return passed("There are as many cores as threads.", *proof)
    return warned(
        f"{count:,} threads share {counted(cores, 'core')}, and wait for one another.",
        *proof,
        remedy=f"Say -t {max(cores // 2, 1)} (the physical cores), and -ngl 99 to use a GPU.",
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""

    def of(outcome: Outcome, threads: str | None, engine: str = "llama.cpp") -> Example:
        said = (Argument(written="-t", name="threads", value=threads),) if threads else ()
        intent = Intent(engine=engine, action=Action.GENERATE, arguments=said)
        here = world(environment=machine(cores=16))
        return Example(outcome=outcome, snapshot=here, intent=intent)

    yield of(Outcome.WARN, "6912")
    yield of(Outcome.PASS, "16")
    yield of(Outcome.PASS, "8")
    yield of(Outcome.SKIP, None)
    yield of(Outcome.SKIP, "-1")
    yield of(Outcome.SKIP, "64", "vllm")
