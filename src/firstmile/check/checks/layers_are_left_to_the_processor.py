"""The devices hold the whole model, so that no layer is left to the processor.

Why: a device map that is found by itself ("auto"), Ollama and newer llama.cpp put on the devices
what fits, and the rest into main memory or onto the disk. Nothing fails and nothing much is said,
but every token then waits for main memory: one in seconds rather than many a second.

Fix: take a quantization that fits, a shorter context, or another device.
"""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from firstmile.check.changing.knobs import nice_lengths
from firstmile.check.changing.serving import SHORTEST
from firstmile.check.intent import Action, Intent
from firstmile.check.memory.estimate import estimate
from firstmile.check.memory.settings import FILLING
from firstmile.check.memory.sizing import CACHE, OFFLOADED, WEIGHTS, Fit, Sizing
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
_CONTEXTS: Final = {"llama.cpp": "-c", "ollama": "num_ctx"}
_FEW_BITS: Final = ("Q1", "Q2", "Q3", "Q4", "Q5", "IQ", "TQ", "MXFP4", "NVFP4")


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
    left = _left(found, intent)
    if not left:
        return passed("The devices hold the whole model.", *proof(place, WEIGHTS, CACHE))
    return warned(
        f"About {shown(left)} of {shown(found.weights.likely)} of weights are left to main memory.",
        *proof(place, WEIGHTS, CACHE),
        remedy=_remedy(snapshot, intent, found),
    )


def _left(found: Sizing, intent: Intent) -> float:
    """Return the bytes of weights that do not get onto the devices, none where they are few."""
    place = found.device
    left = found.host.of(OFFLOADED).likely
    limit = place.limit if place is not None else None
    if intent.engine in FILLING and place and limit and place.needed.likely < 0.98 * limit:
        return 0.0  # the embedding, which these engines keep in main memory anyway
    return left if left > 0.02 * found.weights.likely else 0.0


def _remedy(snapshot: Snapshot, intent: Intent, found: Sizing) -> str:
    """Return the longest context with which all weights lie on the devices, else smaller ones.

    Of a model whose numbers have about four bits there is none in four bits that is smaller.
    """
    option = _CONTEXTS.get(intent.engine or "")
    for tokens in nice_lengths(found.context, SHORTEST) if option is not None else ():
        shorter = estimate(snapshot, replace(intent, context=tokens))
        if isinstance(shorter, str) or _left(shorter, intent):
            continue
        length = tokens if shorter.fit is Fit.FITS else min(shorter.longest or 0, tokens)
        if length >= SHORTEST:
            return f"Set {option} {length}, which leaves no weights to main memory."
    if _is_small(snapshot):
        return "Take a smaller model, or a larger device: this file is of few bits already."
    return "Take a quantization that fits (4 bits), or a shorter context."


def _is_small(snapshot: Snapshot) -> bool:
    """Say whether most bytes of the GGUF files are of numbers of less than six bits."""
    sizes: dict[bool, int] = {}
    for one in snapshot.model.ggufs if snapshot.model is not None else ():
        for tensor in one.tensors:
            few = tensor.dtype.startswith(_FEW_BITS)
            sizes[few] = sizes.get(few, 0) + tensor.end - tensor.start
    return sizes.get(True, 0) > sizes.get(False, 0)


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
