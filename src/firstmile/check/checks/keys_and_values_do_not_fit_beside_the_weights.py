"""Keys and values of the whole context fit on the device beside the weights.

Why: every token of a context keeps its keys and values, in every layer, for every sequence of a
batch. llama.cpp lays all of that out when it starts and fails with "failed to allocate buffer";
transformers lets it grow, and runs out of memory in the middle of a long answer.

Fix: take a shorter context or fewer sequences, keep keys and values in 8 bits, or leave layers
to the processor.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Action, Intent
from firstmile.check.memory.settings import POOLED
from firstmile.check.memory.sizing import CONTEXT, WEIGHTS, Sizing
from firstmile.check.memory.telling import SHORTEST, flag, hold, on_device, proof, sized
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, not_known, seen
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="crash/cuda/out-of-memory",
    cause="configuration/inference",
    stage="inference",
    entries=(
        "generation-runs-out-of-gpu-memory-with-long-context",
        "llama-cpp-buffer-does-not-fit-on-the-gpu",
    ),
    references=("https://huggingface.co/docs/transformers/main/en/kv_cache",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold weights and the caches of all sequences against the device."""
    if intent.engine in POOLED or intent.trains:
        return does_not_apply("keys and values do not grow beside the weights here")
    if not intent.context:
        return does_not_apply("the command asks for no context of its own")
    found = sized(snapshot, intent)
    if isinstance(found, Verdict):
        return found
    place = on_device(found)
    if isinstance(place, Verdict):
        return place
    if place.limit is None:
        return not_known("the memory of the accelerators")
    if place.of(WEIGHTS, CONTEXT).low > place.limit:
        return does_not_apply("not even the weights fit")
    return hold(
        f"With a context of {found.context:,} the run takes",
        place.needed,
        place.limit,
        place.name,
        seen(f"context = {found.context:,}"),
        *proof(place),
        remedy=_remedy(found, intent),
    )


def _remedy(found: Sizing, intent: Intent) -> str:
    longest, name = found.longest or 0, flag(intent, "context")
    if longest < SHORTEST:
        return "Answer fewer sequences at once, or load the weights in 8 or 4 bits."
    if name is not None:
        return f"Take a shorter context ({name} {longest}), or keep keys and values in 8 bits."
    return f"Take no more than {longest:,} tokens of prompt and answer, or fewer sequences."


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    model = folder(config={**LLAMA, "max_position_embeddings": 131072})
    card = machine(gpus=[gpu("NVIDIA GeForce RTX 4090", 24, "8.9")])

    def run(context: int | None, batch: int | None = None) -> Intent:
        return Intent(
            action=Action.GENERATE,
            engine="transformers",
            context=context,
            dtype="bfloat16",
            batch_size=batch,
        )

    there = world(model, card)
    yield Example(outcome=Outcome.FAIL, snapshot=there, intent=run(131072))
    yield Example(outcome=Outcome.PASS, snapshot=there, intent=run(4096))
    yield Example(outcome=Outcome.FAIL, snapshot=there, intent=run(4096, batch=32))
    everything = Intent(
        action=Action.SERVE, engine="llama.cpp", context=131072, gpu_layers=-1, dtype="float16"
    )
    yield Example(outcome=Outcome.FAIL, snapshot=there, intent=everything)
    yield Example(outcome=Outcome.SKIP, snapshot=there, intent=run(None), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=run(10), says="not known")
