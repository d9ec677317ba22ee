"""The devices hold the whole model, so that no layer is left to the processor.

Why: a device map that is found by itself ("auto"), Ollama and newer llama.cpp put on the devices
what fits, and the rest into main memory or onto the disk. Nothing fails and nothing much is said,
but every token then waits for main memory: one in seconds rather than many a second.

Fix: take a quantization that fits, a shorter context, or another device.
"""

from collections.abc import Iterator
from typing import Final

from firstmile.check.intent import Action, Intent
from firstmile.check.memory.settings import FILLING
from firstmile.check.memory.sizing import CACHE, OFFLOADED, WEIGHTS
from firstmile.check.memory.telling import on_device, proof, sized
from firstmile.check.unit import About, Example
from firstmile.check.verdicts import Verdict, does_not_apply, passed, warned
from firstmile.check.worlds import LLAMA, folder, gpu, machine, world
from firstmile.facts.sizes import shown
from firstmile.facts.snapshot import Snapshot
from firstmile.findings import Outcome

ABOUT: Final = About(
    symptom="slow/inference",
    cause="hardware/gpu-memory",
    stage="inference",
    entries=("layers-were-offloaded-because-the-gpu-is-too-small",),
    references=("https://huggingface.co/docs/accelerate/main/en/usage_guides/big_modeling",),
)


def judge(snapshot: Snapshot, intent: Intent) -> Verdict:
    """Look for weights that an engine, spreading by itself, leaves in main memory."""
    mapped = intent.device_map not in (None, "cpu", "cuda", "cuda:0")
    by_itself = (intent.engine == "transformers" and mapped) or (
        intent.engine in FILLING and intent.gpu_layers is None
    )
    if intent.trains or not by_itself:
        return does_not_apply("layers are not spread by the engine itself")
    found = sized(snapshot, intent)
    if isinstance(found, Verdict):
        return found
    place = on_device(found)
    if isinstance(place, Verdict):
        return place
    all_of_it = found.weights.likely
    left = found.host.of(OFFLOADED).likely
    if intent.engine in FILLING and place.limit and place.needed.likely < 0.98 * place.limit:
        left = 0.0  # the embedding, which these engines keep in main memory anyway
    if left > 0.02 * all_of_it:
        return warned(
            f"About {shown(left)} of {shown(all_of_it)} of weights are left to main memory.",
            *proof(place, WEIGHTS, CACHE),
            remedy="Take a quantization that fits (4 bits), or a shorter context.",
        )
    return passed("The devices hold the whole model.", *proof(place, WEIGHTS, CACHE))


def examples() -> Iterator[Example]:
    """Yield worked examples."""
    model = folder(config=LLAMA)
    auto = Intent(
        action=Action.GENERATE, engine="transformers", dtype="bfloat16", device_map="auto"
    )
    small = world(model, machine(gpus=[gpu("NVIDIA GeForce RTX 3060", 12, "8.6")]))
    yield Example(outcome=Outcome.WARN, snapshot=small, intent=auto, says="main memory")
    large = world(model, machine(gpus=[gpu()]))
    yield Example(outcome=Outcome.PASS, snapshot=large, intent=auto)
    two = world(model, machine(gpus=[gpu("NVIDIA L4", 22, "8.9", index=n) for n in range(2)]))
    yield Example(outcome=Outcome.PASS, snapshot=two, intent=auto)
    wide = {**LLAMA, "num_hidden_layers": 2}
    ollama = Intent(action=Action.GENERATE, engine="ollama")
    embedded = world(folder(config=wide), machine(gpus=[gpu()]))
    yield Example(outcome=Outcome.PASS, snapshot=embedded, intent=ollama)
    yield Example(outcome=Outcome.WARN, snapshot=small, intent=ollama)
    yield Example(outcome=Outcome.SKIP, snapshot=small, says="does not apply")
    yield Example(outcome=Outcome.SKIP, snapshot=world(), intent=auto, says="not known")
