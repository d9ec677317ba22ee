"""One sequence of the whole context fits in what the server keeps for keys and values.

Why: servers such as vLLM and SGLang take a share of the device, load the weights, and give what
is left to keys and values. A context that is longer than this space is refused at the start:
"To serve at least one request with the model's max seq len, ... GiB KV cache is needed, which
is larger than the available KV cache memory". Without a length in the command the model's own
counts, which is 131,072 tokens or more in many models.

Fix: ask for the context that is needed (--max-model-len in vLLM, --context-length in SGLang),
let the server take more of the device, or spread the model over more devices.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Action, Intent
from firstmile.check.memory.settings import POOLED
from firstmile.check.memory.sizing import (
    ACTIVATIONS,
    CACHE,
    CONTEXT,
    LOGITS,
    WEIGHTS,
    Place,
    Sizing,
)
from firstmile.check.memory.telling import SHORTEST, flag, hold, on_device, proof, sized
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, seen
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="loading/model/validation-failed",
    cause="configuration/inference",
    stage="inference",
    entries=(
        "vllm-context-length-does-not-fit-its-cache",
        "vllm-has-no-memory-left-for-its-cache-blocks",
        "sglang-has-no-memory-left-for-its-cache",
    ),
    references=("https://docs.vllm.ai/en/stable/configuration/conserving_memory.html",),
)
_USUAL: Final = 0.85
"""A share from which on a server takes nearly all of a device."""


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Hold a whole context beside weights and one step against the server's share."""
    if intent.engine not in POOLED:
        return does_not_apply("the engine sets no space for keys and values aside")
    found = sized(snapshot, intent)
    if isinstance(found, Verdict):
        return found
    place = on_device(found)
    if isinstance(place, Verdict):
        return place
    limit = place.limit or 0.0
    if place.of(WEIGHTS, CONTEXT).low > limit:
        return does_not_apply("not even the weights fit")
    if place.without(CACHE).low > limit:
        return hold(
            "Before any keys and values the server takes",
            place.without(CACHE),
            limit,
            place.name,
            *proof(place),
            remedy=_remedy_without_room(intent, place),
        )
    source = "in the command" if found.asked else "of the model, since the command names none"
    return hold(
        f"With a context of {found.context:,} the server takes",
        place.needed,
        limit,
        place.name,
        seen(f"context = {found.context:,} {source}"),
        *proof(place),
        remedy=_remedy(found, intent),
    )


def _remedy_without_room(intent: Intent, place: Place) -> str:
    """Return the change to what takes the room: the step's tokens, else the share."""
    if place.of(ACTIVATIONS, LOGITS).likely > place.of(WEIGHTS).likely:
        return f"Read prompts in smaller pieces: {flag(intent, 'batched')} 4096."
    if intent.gpu_memory_share is not None and intent.gpu_memory_share < _USUAL:
        return f"Let the server take more of the device: {flag(intent, 'share')} 0.9."
    return f"Spread the model over more devices ({flag(intent, 'tensor')}), or load it quantized."


def _remedy(found: Sizing, intent: Intent) -> str:
    name = flag(intent, "context")
    if (found.longest or 0) >= SHORTEST:
        return f"Ask for a context that fits: {name} {found.longest}."
    return f"Spread the model over more devices ({flag(intent, 'tensor')}), or load it quantized."


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    long = folder(config={**LLAMA, "max_position_embeddings": 131072})
    card = machine(gpus=[gpu("NVIDIA GeForce RTX 4090", 24, "8.9")])
    serve = Intent(action=Action.SERVE, engine="vllm")
    yield Example(
        outcome=Outcome.FAIL, snapshot=world(long, card), intent=serve, says="131,072 the server"
    )
    shorter = Intent(action=Action.SERVE, engine="vllm", context=16384)
    yield Example(outcome=Outcome.PASS, snapshot=world(long, card), intent=shorter)
    large = machine(gpus=[gpu()])
    yield Example(outcome=Outcome.PASS, snapshot=world(long, large), intent=serve)
    sglang = Intent(action=Action.SERVE, engine="sglang")
    yield Example(outcome=Outcome.FAIL, snapshot=world(long, card), intent=sglang)
    half = Intent(action=Action.SERVE, engine="sglang", context=8192, gpu_memory_share=0.5)
    yield Example(
        outcome=Outcome.FAIL, snapshot=world(long, card), intent=half, says="Before any keys"
    )
    wide = Intent(action=Action.SERVE, engine="vllm", context=8192, batched_tokens=10**9)
    yield Example(outcome=Outcome.FAIL, snapshot=world(long, card), intent=wide, says="44,265")
    small = machine(gpus=[gpu("Tesla T4", 15, "7.5")])
    yield Example(outcome=Outcome.SKIP, snapshot=world(long, small), intent=serve, says="not even")
    yield Example(outcome=Outcome.SKIP, snapshot=world(long, card), says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(long), intent=serve, says="not known")
