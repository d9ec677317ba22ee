"""Main memory holds the optimizer states that DeepSpeed or FSDP offload to it.

Why: offloading moves float32 weights, both moments of Adam and float32 gradients off the devices:
16 bytes a trained parameter, 128 GB for 8 billion, pinned, on each machine its ranks' share.
Loading goes well; while the optimizer is made, or in the first step, the kernel ends a rank:
"exits with return code = -9", and the others wait for it.

Fix: give the job that much memory, spread over more machines, train an adapter, or offload to a
fast disk (ZeRO-Infinity's nvme).
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Action, Intent, Parallel, Training
from firstmile.check.memory.sizing import OFFLOADED, OFFLOADED_STATES
from firstmile.check.memory.telling import hold, in_main_memory, proof, sized
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.sizes import shown
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/process-killed",
    cause="configuration/fine-tuning",
    stage="fine-tuning",
    entries=("cpu-offload-of-deepspeed-fills-main-memory",),
    references=("https://arxiv.org/abs/2101.06840",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold what is offloaded against what main memory and its control group leave."""
    if not intent.trains:
        return does_not_apply("nothing is trained")
    found = sized(snapshot, intent)
    if isinstance(found, Verdict):
        return found
    if not found.host.of(OFFLOADED_STATES).high:
        return does_not_apply("no optimizer states are offloaded")
    place = in_main_memory(found)
    if isinstance(place, Verdict):
        return place
    needed = place.of(OFFLOADED_STATES, OFFLOADED)
    return hold(
        "What is offloaded takes",
        needed,
        place.limit or 0.0,
        "main memory",
        *proof(place, OFFLOADED_STATES, OFFLOADED),
        remedy=f"Give the job {shown(needed.high)} of main memory, train an adapter instead of "
        'all weights, or offload to a disk ("device": "nvme").',
    )


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    model = folder(config=LLAMA)
    offload = {"stage": 2, "offload_optimizer": {"device": "cpu"}}
    cards = [gpu(index=place) for place in range(2)]

    def train(zero: dict[str, object]) -> Intent:
        return Intent(
            action=Action.FINE_TUNE,
            engine="transformers",
            dtype="bfloat16",
            parallel=Parallel(processes=2),
            training=Training(bf16=True, deepspeed={"zero_optimization": zero}),
        )

    small = world(model, machine(gpus=cards, memory_gib=96))
    yield Example(outcome=Outcome.FAIL, snapshot=small, intent=train(offload))
    large = world(model, machine(gpus=cards, memory_gib=512))
    yield Example(outcome=Outcome.PASS, snapshot=large, intent=train(offload))
    there = train({"stage": 2})
    yield Example(outcome=Outcome.SKIP, snapshot=small, intent=there, says="are offloaded")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=there, says="not known")
