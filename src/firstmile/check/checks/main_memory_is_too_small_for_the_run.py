"""Main memory holds what the run keeps there.

Why: on a machine without accelerators all weights and caches lie in main memory. With them, a
library that is given no device map builds the whole model there first, every process of a
training its own copy, and pickled checkpoints are read whole by every rank. Where memory ends,
Linux ends the process: "Killed", signal 9, without a traceback; with swap it seems to hang.

Fix: load onto the device piece by piece (a device map, safetensors), start fewer processes, take
a smaller type of numbers or a quantized model, or a machine with more memory.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Action, Intent, Parallel, Training
from firstmile.check.memory.sizing import OFFLOADED_STATES
from firstmile.check.memory.telling import hold, in_main_memory, less_main_memory, proof, sized
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, not_known, seen
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.sizes import shown
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Evidence, Outcome

ABOUT: Final = About(
    symptom="crash/process-killed",
    cause="hardware/cpu-memory",
    entries=(
        "process-was-killed-for-lack-of-main-memory",
        "loading-stands-still-because-main-memory-is-full",
    ),
    references=("https://huggingface.co/docs/transformers/main/en/models",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold what lies in main memory against what the machine has free, containers apart."""
    found = sized(snapshot, intent)
    if isinstance(found, Verdict):
        return found
    place = in_main_memory(found)
    if isinstance(place, Verdict):
        return place
    memory = snapshot.environment.memory if snapshot.environment else None
    if memory is None:
        return not_known("the size of main memory")
    free = memory.available_bytes if memory.available_bytes is not None else memory.total_bytes
    beside = (
        " beside the optimizer states that it offloads" if place.of(OFFLOADED_STATES).high else ""
    )
    return hold(
        f"The run takes{beside}",
        place.without(OFFLOADED_STATES),
        float(free + (memory.swap_free_bytes or 0)),
        "main memory",
        *proof(place)[:1],
        available(free, memory.total_bytes),
        remedy=less_main_memory(intent, found, place),
    )


def available(free: float, total: float) -> Evidence:
    """Quote what of main memory is available."""
    return seen(f"main memory available: {shown(free)} of {shown(total)}")


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    model = folder(config=LLAMA)
    run = Intent(action=Action.GENERATE, engine="transformers", dtype="bfloat16")
    yield Example(outcome=Outcome.FAIL, snapshot=world(model, machine(memory_gib=12)), intent=run)
    yield Example(outcome=Outcome.PASS, snapshot=world(model, machine(memory_gib=64)), intent=run)
    long = Intent(
        action=Action.FINE_TUNE,
        engine="llama-factory",
        dtype="bfloat16",
        training=Training(method="lora", max_length=999_999),
    )
    yield Example(outcome=Outcome.FAIL, snapshot=world(model, machine(memory_gib=64)), intent=long)
    large = folder(config={**LLAMA, "num_hidden_layers": 80, "hidden_size": 8192})
    cards = [gpu(index=place) for place in range(8)]
    eight = Intent(
        action=Action.FINE_TUNE,
        engine="transformers",
        dtype="bfloat16",
        parallel=Parallel(processes=8),
        training=Training(method="lora"),
    )
    there = world(large, machine(gpus=cards, memory_gib=512))
    yield Example(outcome=Outcome.FAIL, snapshot=there, intent=eight)
    serve = Intent(action=Action.SERVE, engine="vllm", parallel=Parallel(tensor=8))
    yield Example(outcome=Outcome.PASS, snapshot=there, intent=serve)
    yield Example(outcome=Outcome.SKIP, snapshot=there, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(model), intent=run, says="not known")
